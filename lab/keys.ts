import * as fs from "node:fs";
import * as path from "node:path";
import { capture } from "../toolchain/process";
import { keep } from "./paths";

export interface KeyPair {
    readonly privateKeyFile: string;
    /** One line, "ssh-ed25519 AAAA…", without a comment. */
    readonly publicKey: string;
}

/** An ed25519 key pair kept under .lab; made the first time. */
export async function keyPair(namespace: string, name: string): Promise<KeyPair> {
    const folder = path.join(keep, "keys", namespace);
    const privateKeyFile = path.join(folder, name);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!fs.existsSync(`${privateKeyFile}.pub`)) {
        fs.rmSync(privateKeyFile, { force: true });
        const made = await capture("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", privateKeyFile]);
        if (made.code !== 0) throw new Error(`ssh-keygen failed (install openssh-client): ${made.stderr.trim()}`);
    }
    return { privateKeyFile, publicKey: fs.readFileSync(`${privateKeyFile}.pub`, "utf8").trim() };
}

/** Forgets the keys of a namespace, or one of them. */
export function forgetKeys(namespace: string, name?: string): void {
    const folder = path.join(keep, "keys", namespace);
    if (name === undefined) fs.rmSync(folder, { recursive: true, force: true });
    else for (const file of [name, `${name}.pub`]) fs.rmSync(path.join(folder, file), { force: true });
}
