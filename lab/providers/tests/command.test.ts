import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandProvider } from "../command/provider";
import type { Props } from "../core/values";
import { describeKey } from "../tls/private-key";
import { sshKeyPair } from "./support/keys";
import { CallError, Plugin, startPlugin } from "./support/plugin";
import { theCall } from "./support/recordings";
import { shape } from "./support/shape";
import { Answer, SshServer, startSshServer } from "./support/ssh-server";

const URN = "urn:pulumi:dev::p::command:remote:Command::cmd";
const AGENT = process.env.SSH_AUTH_SOCK;

let plugin: Plugin;
let server: SshServer;
let answer: (command: string, stdin: string) => Answer;

beforeEach(async () => {
    delete process.env.SSH_AUTH_SOCK;
    answer = () => ({ code: 0 });
    server = await startSshServer((command, stdin) => answer(command, stdin));
    plugin = await startPlugin(commandProvider);
});
afterEach(async () => {
    process.env.SSH_AUTH_SOCK = AGENT;
    plugin.stop();
    await server.stop();
});

function connection(change: Props = {}): Props {
    const { host, port, hostKey, privateKey } = server;
    return { host, port, user: "root", hostKey, privateKey, dialErrorLimit: 1, perDialTimeout: 5, ...change };
}

async function create(properties: Props): Promise<Props> {
    const created = await plugin.call("Create", { urn: URN, properties: { connection: connection(), ...properties } });
    return created.properties as Props;
}

async function failure(properties: Props): Promise<string | undefined> {
    const error = await create(properties).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    return (error as CallError).details;
}

describe("running", () => {
    test("a creation has the recorded shape", async () => {
        answer = () => ({ stdout: "hello\n", code: 0 });
        const call = theCall("command", "Create", "Command", "triggered", "02");
        const properties = { ...(call.request.properties as Props), connection: connection() };
        const created = await plugin.call("Create", { ...call.request, properties });
        expect(shape({ ...(created.properties as Props), connection: null })).toEqual(
            shape({ ...(call.response?.properties as Props), connection: null }),
        );
        expect(created.id).toMatch(/^triggered[0-9a-f]{8}$/);
    });

    test("stdin arrives whole, and of the output one newline is taken away", async () => {
        answer = (_command, stdin) => ({ stdout: `${stdin}\n\n`, stderr: "warned\n", code: 0 });
        const stdin = "line\n".repeat(20_000);
        const { stdout, stderr } = await create({ create: "cat", stdin });
        expect(stdout).toBe(`${stdin}\n`);
        expect(stderr).toBe("warned");
    });

    test("an update runs `update`, or else `create` again; a deletion runs `delete`, or nothing", async () => {
        const olds: Props = { connection: connection(), create: "c", stdout: "old", stderr: "" };
        const change = { urn: URN, id: "x", olds, oldInputs: olds };
        await plugin.call("Update", { ...change, news: { connection: connection(), create: "c", update: "u" } });
        await plugin.call("Update", { ...change, news: { connection: connection(), create: "c2" } });
        await plugin.call("Delete", { urn: URN, id: "x", properties: { ...olds, delete: "d", stdin: "in" } });
        await plugin.call("Delete", { urn: URN, id: "x", properties: olds });
        expect(server.runs).toEqual([
            { command: "u", stdin: "" },
            { command: "c2", stdin: "" },
            { command: "d", stdin: "in" },
        ]);
    });

    test("without any command nothing is run and the outputs stay", async () => {
        const olds: Props = { connection: connection(), stdout: "old", stderr: "err" };
        const updated = await plugin.call("Update", { urn: URN, id: "x", olds, news: { connection: connection() } });
        expect(updated.properties).toMatchObject({ stdout: "old", stderr: "err" });
        expect(server.connections).toBe(0);
    });

    test("one command is one connection, and a preview is none", async () => {
        await plugin.call("Create", {
            urn: URN,
            preview: true,
            properties: { connection: connection(), create: "true" },
        });
        expect(server.connections).toBe(0);
        await create({ create: "true" });
        expect(server.connections).toBe(1);
    });

    test("a PKCS#8 key, which tls.PrivateKey gives for Ed25519, logs in as well", async () => {
        const { privateKeyPem } = describeKey(generateKeyPairSync("ed25519").privateKey);
        // Not the key that may: what counts is that it was read and offered.
        expect(
            await failure({ connection: connection({ privateKey: privateKeyPem ?? null }), create: "true" }),
        ).toContain("attempted methods [none publickey]");
    });

    test("a password logs in", async () => {
        await create({ connection: connection({ privateKey: null, password: "right" }), create: "true" });
        expect(server.logins).toBe(1);
    });
});

describe("failing reads as with the real plugin", () => {
    test("an exit code with output", async () => {
        answer = () => ({ stdout: "half\n", stderr: "no space left\n", code: 3 });
        const text = await failure({ create: 'echo "x"' });
        expect(text).toMatch(/^Process exited with status 3: running "echo \\"x\\"":\n/);
        expect(text).toContain("half\n");
        expect(text).toContain("no space left\n");
    });

    test("a command that ends without an exit code", async () => {
        answer = () => ({});
        expect(await failure({ create: "sleep" })).toBe(
            'wait: remote command exited without exit status or exit signal: running "sleep":\n',
        );
    });

    test("another host key than the pinned one: refused before logging in, as often as allowed", async () => {
        const other = sshKeyPair().public;
        const properties = { connection: connection({ hostKey: other, dialErrorLimit: 2 }), create: "true" };
        expect(await failure(properties)).toBe(
            "after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch",
        );
        expect(server.connections).toBe(3);
        expect(server.logins).toBe(0);
    });

    test("a pinned key of a kind that the server does not have", async () => {
        const ecdsa = sshKeyPair("ecdsa").public;
        expect(await failure({ connection: connection({ hostKey: ecdsa }), create: "true" })).toBe(
            "after 1 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key; " +
                "we offered: [ecdsa-sha2-nistp256], peer offered: [ssh-ed25519]",
        );
    });

    test.each([
        ["another key", () => ({ privateKey: sshKeyPair().private }), "none publickey"],
        ["a wrong password", () => ({ privateKey: null, password: "wrong" }), "none password"],
        ["no key at all", () => ({ privateKey: null }), "none"],
    ])("login refused: %s", async (_name, change, methods) => {
        expect(await failure({ connection: connection(change()), create: "true" })).toBe(
            `after 1 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [${methods}], ` +
                "no supported methods remain",
        );
    });

    test.each([
        ["a host key that is none", { hostKey: "AAAA" }, "failed to parse host key: ssh: no key found"],
        ["a private key that is none", { privateKey: "AAAA" }, "ssh: no key found"],
        [
            "no agent where one was named",
            { agentSocketPath: "/nowhere" },
            "dial unix /nowhere: connect: no such file or directory",
        ],
        ["nobody listening", { port: 1 }, "after 1 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused"],
    ])("%s", async (_name, change: Props, text) => {
        expect(await failure({ connection: connection(change), create: "true" })).toBe(text);
    });

    test.each([
        [{ create: "x" }, "connection", "Missing required field 'connection' on 'remote.CommandInputs'"],
        [
            { connection: {} },
            "connection",
            "An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n\thost: Missing required field 'host' on 'remote.Connection'",
        ],
        [{ connection: { host: "h" }, creat: "x" }, "creat", "Unrecognized field 'creat' on 'remote.CommandInputs'"],
    ])("inputs %j", async (news: Props, property, reason) => {
        const { failures } = await plugin.call("Check", { urn: URN, olds: {}, news });
        expect(failures).toEqual([{ property, reason }]);
    });

    test("environment, which the substitute cannot set, is refused instead of ignored", async () => {
        const news = { connection: { host: "h" }, environment: { A: "1" } };
        const { failures } = await plugin.call("Check", { urn: URN, olds: {}, news });
        expect(failures).toMatchObject([{ property: "environment" }]);
    });
});
