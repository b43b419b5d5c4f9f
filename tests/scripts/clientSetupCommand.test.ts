import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { clientKinds, renderClientSetup } from "../../components/clients/clientSetup";
import { capture } from "../../toolchain/process";
import { caCertificate } from "../publicAuthorities";

let directory: string;
beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-client-setup-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "AAAA" };
const component = (type: string, registry: string, outputs: object = {}) => ({
    urn: `urn:pulumi:dev::home::nas-registry:index:${type}::registry`,
    type: `nas-registry:index:${type}`,
    outputs: { registry, url: `https://${registry}`, caCertificate, password: secret, ...outputs },
});
const nas = component("NasRegistry", "nas.lan:9160");

/** Runs it where `pulumi stack export` prints a state with these resources, without the passphrase of its secrets. */
const clientSetup = (resources: object[] | undefined, ...args: string[]) => {
    fs.writeFileSync(path.join(directory, "state"), JSON.stringify({ deployment: resources && { resources } }));
    const pulumi = `#!/bin/sh\ncase "$*" in *show-secrets*) exit 1 ;; esac\necho "$*" >'${directory}/asked'\ncat '${directory}/state'\n`;
    fs.writeFileSync(path.join(directory, "pulumi"), pulumi, { mode: 0o755 });
    const command = path.join(__dirname, "../../components/cli/main.ts");
    return capture(process.execPath, ["--import", "tsx", command, "client-setup", ...args], {
        env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    });
};

test.each(clientKinds)("prints the script that makes %s trust the stack's registry", async (kind) => {
    expect(await clientSetup([nas], kind, "--stack", "dev")).toEqual({
        code: 0,
        stdout: renderClientSetup("nas.lan:9160", { caCertificate })[kind],
        stderr: "",
    });
    expect(fs.readFileSync(path.join(directory, "asked"), "utf8")).toContain("--stack dev");
});

test.each<[string, object, object]>([
    ["without TLS", { url: "http://nas.lan:9160", caCertificate: "" }, { insecure: true }],
    ["with a public authority", { caCertificate: "" }, {}],
])("of a registry %s says what is so", async (_, outputs, trust) => {
    const { stdout } = await clientSetup([component("NasRegistry", "nas.lan:9160", outputs)], "linux");
    expect(stdout).toBe(renderClientSetup("nas.lan:9160", trust).linux);
});

test("of several, and of mirrors, the one that is named", async () => {
    const mirror = component("NasMirror", "[fd00::1]:9161");
    const { stdout } = await clientSetup([nas, mirror], "k3s", "--registry", "[fd00::1]:9161");
    expect(stdout).toBe(renderClientSetup("[fd00::1]:9161", { caCertificate }).k3s);
});

test.each<[object[] | undefined, string[], string]>([
    [[nas], [], "'' is not allowed as the kind of client; give one of linux, podman,"],
    [[nas], ["docker"], "'docker' is not allowed as the kind of client"],
    [[nas], ["linux", "k3s"], "'linux k3s' is not allowed as the kind of client"],
    [[nas], ["linux", "--registry", "nas"], "the stack has no registry 'nas'; it has nas.lan:9160."],
    [
        [nas, component("NasMirror", "nas.lan:9161")],
        ["linux"],
        "the stack has several registries; name one with --registry: nas.lan:9160, nas.lan:9161.",
    ],
    [[], ["linux"], "the stack has no registry; name another one with --stack, or run 'pulumi up' first."],
    [undefined, ["linux"], "the stack has no registry; name another one with --stack, or run 'pulumi up' first."],
])("is refused in one sentence: %#", async (resources, args, sentence) => {
    const { code, stdout, stderr } = await clientSetup(resources, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^nas-registry: [^\n]*\.\n$/);
    expect(stderr).toContain(sentence);
});
