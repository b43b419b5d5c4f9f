import { createPrivateKey } from "node:crypto";
import { createConnection } from "node:net";
import type { AnyAuthMethod, NextAuthHandler, ParsedKey } from "ssh2";
import { utils } from "ssh2";
import { sshPrivateKey } from "../tls/openssh";
import type { Connection } from "./connection";

/** Ways to log in, in the order in which the command provider (golang.org/x/crypto/ssh) tries them. */
export interface Authentication {
    methods: { name: string; method: AnyAuthMethod }[];
    /** What was tried, for the error message. */
    tried: string[];
}

export async function authentication(connection: Connection): Promise<Authentication> {
    const username = connection.user;
    const methods: Authentication["methods"] = [];
    if (connection.privateKey !== undefined) {
        const key = parseKey(connection.privateKey, connection.privateKeyPassword);
        methods.push({ name: "publickey", method: { type: "publickey", username, key } });
    }
    const { password, agentSocketPath: agent } = connection;
    if (password !== undefined) {
        methods.push({ name: "password", method: { type: "password", username, password } });
        methods.push({
            name: "keyboard-interactive",
            method: {
                type: "keyboard-interactive",
                username,
                prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
            },
        });
    }
    if (agent !== undefined) {
        await reachAgent(agent);
        methods.push({ name: "publickey", method: { type: "agent", username, agent } });
    }
    return { methods, tried: [] };
}

/** Each method name once, as Go's client does: with a private key given, the agent's keys are never offered. */
export function nextMethod(auth: Authentication, username: string) {
    return (left: string[] | null, _partial: boolean | null, next: NextAuthHandler): void => {
        if (left === null) {
            auth.tried.push("none");
            next({ type: "none", username });
            return;
        }
        const found = auth.methods.find(({ name }) => left.includes(name) && !auth.tried.includes(name));
        if (!found) {
            // The types of ssh2 leave this value out; it means "no more methods".
            (next as (method: AnyAuthMethod | false) => void)(false);
            return;
        }
        auth.tried.push(found.name);
        next(found.method);
    };
}

function parseKey(pem: string, passphrase: string | undefined): ParsedKey {
    const parsed = utils.parseKey(asOpenssh(pem), passphrase);
    if (parsed instanceof Error) {
        throw new Error(
            /encrypted/i.test(parsed.message) ? "ssh: this private key is passphrase protected" : "ssh: no key found",
        );
    }
    const [key] = [parsed].flat() as (ParsedKey | undefined)[];
    if (!key) {
        throw new Error("ssh: no key found");
    }
    return key;
}

/** ssh2 does not read PKCS#8, which Go does and tls.PrivateKey's `privateKeyPem` is for Ed25519. */
function asOpenssh(pem: string): string {
    return pem.includes("-----BEGIN PRIVATE KEY-----") ? sshPrivateKey(createPrivateKey(pem)) : pem;
}

function reachAgent(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const socket = createConnection(path, () => {
            socket.destroy();
            resolve();
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
            const why = error.code === "ENOENT" ? "no such file or directory" : "connection refused";
            reject(new Error(`dial unix ${path}: connect: ${why}`));
        });
    });
}
