import * as fs from "node:fs";
import * as path from "node:path";

import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { repositoryRoot } from "../../toolchain";
import { eventually, identity, must, Setting } from "./setting";

let setting: Setting;

/** The program of tests/daemon with this repository's package, as it is compiled. */
function daemonProgram(project: string): void {
    const source = path.join(repositoryRoot, "tests", "daemon");
    fs.copyFileSync(path.join(source, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
    const options = { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } };
    const { outputText } = transpileModule(fs.readFileSync(path.join(source, "index.ts"), "utf8"), options);
    fs.writeFileSync(path.join(project, "index.js"), outputText);
    for (const name of ["bin", "node_modules", "package.json"]) {
        fs.symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
    }
}

const asked = { insecureRegistries: ["nas.example:5000", "10.99.0.0/16"], registryMirrors: ["https://mirror.example"] };

async function addStack(stack: string, nas: Nas, settings: object = asked): Promise<void> {
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    const config = { vendor: nas.vendor, connection, settings: JSON.stringify(settings) };
    const named = Object.fromEntries(Object.entries(config).map(([name, value]) => [`daemon:${name}`, value]));
    await setting.workspace.initStack(stack, named, [nas]);
}

const change = (stack: string, settings: object) =>
    setting.workspace.configure(stack, "settings", JSON.stringify(settings));

/** What the running daemon says it has. */
async function running(nas: Nas): Promise<{ insecure: string[]; mirrors: string[] }> {
    const info = JSON.parse(await nas.docker("info", "--format", "{{json .RegistryConfig}}")) as {
        InsecureRegistryCIDRs: string[];
        IndexConfigs: Record<string, { Secure: boolean }>;
        Mirrors: string[];
    };
    const hosts = Object.entries(info.IndexConfigs).filter(([, { Secure }]) => !Secure);
    return { insecure: [...hosts.map(([host]) => host), ...info.InsecureRegistryCIDRs], mirrors: info.Mirrors };
}

const containerIs = (nas: Nas, state: string) =>
    eventually(
        60,
        async () => (await nas.docker("inspect", "--format", "{{.State.Status}}", "photos")).trim() === state,
    );

beforeAll(async () => {
    setting = await Setting.open("daemon-config", daemonProgram);
});
afterAll(() => setting.close());

describe("Container Manager, whose start writes the delivered file, and an administrator with sudo", () => {
    const file = "/var/packages/ContainerManager/etc/dockerd.json";
    let nas: Nas;
    let delivered: string;
    const content = () => must(nas.exec(`cat ${file}`));
    const leftovers = () => must(nas.exec(`ls -A $(dirname ${file})/ | grep nas-registry || true`));
    beforeAll(async () => {
        nas = await setting.lab.startNas({
            vendor: "synology",
            packageStart: "resets",
            login: { user: "anna", sudo: "nopasswd" },
            foreignContainer: "photos",
        });
        delivered = await content();
    });

    test("a daemon that does not start with the settings: the old file, the containers, and the reason", async () => {
        await addStack("broken", nas, { logDriver: "json-file", logOptions: { nonsense: "1" } });
        const { code, stdout, stderr } = await setting.workspace.attempt("broken", "up");
        expect(code).not.toBe(0);
        expect(stdout + stderr).toMatch(
            /it did not come back \(.*nonsense.*\); the old file was put back, and the daemon/,
        );
        expect(await content()).toBe(delivered);
        expect(await leftovers()).toBe("");
        await containerIs(nas, "running");
        await setting.workspace.operate("broken", "destroy", "--run-program");
    });

    test("invalid JSON in the file: nothing is touched", async () => {
        await addStack("invalid", nas);
        await must(nas.exec(`cp ${file} /tmp/kept; echo '{"a":1' >${file}`));
        const photos = await identity(nas, "photos");
        const { code, stdout, stderr } = await setting.workspace.attempt("invalid", "up");
        expect(code).not.toBe(0);
        expect(stdout + stderr).toContain("is not valid JSON: a comma or '}' is expected");
        expect(await content()).toBe('{"a":1\n');
        expect(await identity(nas, "photos")).toBe(photos);
        await must(nas.exec(`cat /tmp/kept >${file}`));
        await setting.workspace.operate("invalid", "destroy", "--run-program");
    });

    test("a package start that drops the settings is mended by an up with another reapply", async () => {
        await addStack("mended", nas);
        await setting.workspace.operate("mended", "up");
        const { daemonConfig, dataRoot } = await setting.workspace.outputs("mended");
        expect(daemonConfig).toBe(file);
        expect(dataRoot).toBe((await nas.docker("info", "--format", "{{.DockerRootDir}}")).trim());
        await must(nas.exec("/usr/syno/bin/synopkg restart ContainerManager"));
        expect(await content()).toBe(delivered);
        expect(Object.keys((await setting.workspace.operate("mended", "up")).changes)).toEqual(["same"]);
        await setting.workspace.configure("mended", "reapply", "after the restart");
        await setting.workspace.operate("mended", "up");
        expect((await running(nas)).mirrors).toContain("https://mirror.example/");
        await setting.workspace.operate("mended", "destroy", "--run-program");
        expect(await content()).toBe(delivered);
    });

    test("two stacks at once: both settings are there, and each takes its own along", async () => {
        await addStack("one", nas, { insecureRegistries: ["both:1", "one:1"] });
        await addStack("two", nas, { insecureRegistries: ["both:1", "two:2"] });
        await Promise.all(["one", "two"].map((stack) => setting.workspace.operate(stack, "up")));
        expect((await running(nas)).insecure).toEqual(expect.arrayContaining(["both:1", "one:1", "two:2"]));
        await setting.workspace.operate("one", "destroy", "--run-program");
        expect((await running(nas)).insecure).toEqual(expect.arrayContaining(["both:1", "two:2"]));
        expect((await running(nas)).insecure).not.toContain("one:1");
        await setting.workspace.operate("two", "destroy", "--run-program");
        expect(await content()).toBe(delivered);
        expect(await leftovers()).toBe("");
    });

    test("killed while the daemon restarts: the next up does it, and destroy takes it back", async () => {
        await addStack("killed", nas, { insecureRegistries: ["first:1"] });
        await setting.workspace.operate("killed", "up");
        await change("killed", { insecureRegistries: ["second:2"] });
        const interrupted = setting.workspace.attempt("killed", "up");
        await eventually(120, async () => (await nas.exec(`test -e ${file}.nas-registry/restart-due`)).code === 0);
        await must(nas.exec(`kill -9 $(readlink ${file}.nas-registry.lock | cut -d: -f1)`));
        expect((await interrupted).code).not.toBe(0);
        await setting.workspace.operate("killed", "up");
        expect((await running(nas)).insecure).toContain("second:2");
        expect((await running(nas)).insecure).not.toContain("first:1");
        await setting.workspace.operate("killed", "destroy", "--run-program");
        expect(await content()).toBe(delivered);
        expect(await leftovers()).toBe("");
        await containerIs(nas, "running");
    });
});
