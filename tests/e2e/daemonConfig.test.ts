import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { linkedProgram } from "../linkedProgram";
import { addDaemonStack, running } from "./daemonStack";
import { eventually, identity, must, Setting } from "./setting";

let setting: Setting;

const asked = { insecureRegistries: ["nas.example:5000", "10.99.0.0/16"], registryMirrors: ["https://mirror.example"] };

const addStack = (stack: string, nas: Nas, settings: object = asked) =>
    addDaemonStack(setting.workspace, stack, nas, settings);

const change = (stack: string, settings: object) =>
    setting.workspace.configure(stack, "settings", JSON.stringify(settings));

const containerIs = (nas: Nas, state: string) =>
    eventually(
        60,
        async () => (await nas.docker("inspect", "--format", "{{.State.Status}}", "photos")).trim() === state,
    );

beforeAll(async () => {
    setting = await Setting.open("daemon-config", linkedProgram("tests/daemon"));
});
afterAll(() => setting.close());

describe("Container Manager, whose start writes the delivered file, and an administrator with sudo", () => {
    const file = "/var/packages/ContainerManager/etc/dockerd.json";
    let nas: Nas;
    let delivered: string;
    const content = () => must(nas.exec(`cat ${file}`));
    const leftovers = () => must(nas.exec(`ls -A $(dirname ${file})/ | grep nas-registry || true`));
    /** Puts a script before DSM's own systemctl. */
    const shadow = async (script: string) => {
        const place = "/usr/local/sbin/systemctl";
        await must(nas.exec(`cat >${place} && chmod +x ${place}`, { input: `#!/bin/sh\n${script}\n` }));
        return { remove: () => must(nas.exec(`rm ${place}`)) };
    };
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
        const photos = await identity(nas, "photos");
        await change("mended", { ...asked, insecureRegistries: [...asked.insecureRegistries].reverse() });
        expect((await setting.workspace.operate("mended", "up")).changes).toMatchObject({ update: 1 });
        // The same in another order: no reason to restart anything.
        expect(await identity(nas, "photos")).toBe(photos);
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

    /** `up` of a new stack fails with these words, and neither the file nor a container has noticed. */
    const upFails = async (stack: string, words: string) => {
        const photos = await identity(nas, "photos");
        await addStack(stack, nas);
        const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up");
        expect(code).not.toBe(0);
        expect((stdout + stderr).replaceAll(/\s+/g, " ")).toContain(words);
        expect(await content()).toBe(delivered);
        expect(await identity(nas, "photos")).toBe(photos);
    };

    test.each([
        ["directory", "see whether its directory is writable and the disk has room"],
        ["file", "could not be written: see whether it is writable and the disk has room; the NAS is as before."],
    ])("a %s that cannot be written", async (what, words) => {
        const place = what === "file" ? `$(readlink -f ${file})` : `$(dirname $(readlink -f ${file}))`;
        await must(nas.exec(`mount --bind ${place} ${place} && mount -o remount,bind,ro ${place}`));
        try {
            await upFails(`read-only-${what}`, words);
        } finally {
            await must(nas.exec(`umount ${place}`));
        }
        expect(await leftovers()).toBe("");
    });

    // Three: enough for all that comes before the file itself.
    test.each([0, 3])("a disk with room for %i more pages", async (pages) => {
        const place = `$(dirname $(readlink -f ${file}))`;
        await must(
            nas.exec(`place=${place}; cp -a $place/. /tmp/same && mount -t tmpfs -o size=128k full $place && cp -a /tmp/same/. $place
                dd if=/dev/zero of=$place/ballast bs=4k 2>/dev/null
                truncate -s -${pages * 4096} $place/ballast`),
        );
        try {
            await upFails(`full-${pages}`, "the disk has room; the NAS is as before.");
            expect(await leftovers()).toBe("");
        } finally {
            await must(nas.exec(`umount ${place}; rm -r /tmp/same`));
        }
    });

    test("a daemon that comes back without the settings, since this DSM can only restart the whole package", async () => {
        const systemctl = await shadow("exit 4");
        await addStack("dropped", nas);
        const { code, stdout, stderr } = await setting.workspace.attempt("dropped", "up");
        await systemctl.remove();
        expect(code).not.toBe(0);
        expect((stdout + stderr).replaceAll(/\s+/g, " ")).toContain(
            'it came back without insecure-registries "nas.example:5000" (restart package [ContainerManager] successfully); the old file was put back, and the daemon runs with it as before.',
        );
        expect(await content()).toBe(delivered);
        expect(await leftovers()).toBe("");
        expect((await running(nas)).insecure).not.toContain("nas.example:5000");
        await containerIs(nas, "running");
    });

    test.each([
        ["after the write and before the restart", '[ "$1" = status ] && hold'],
        ["during the restart", '[ "$1" = restart ] && /usr/bin/systemctl stop "$2" && hold'],
    ])("SSH is cut %s: the script goes on, and the next up agrees", async (_moment, when) => {
        await addStack("cut", nas);
        const systemctl = await shadow(`hold() { touch /tmp/held; while [ -e /tmp/held ]; do sleep 0.1; done; }
            ${when}
            exec /usr/bin/systemctl "$@"`);
        const interrupted = setting.workspace.attempt("cut", "up");
        await must(nas.exec("timeout 120 sh -c 'until [ -e /tmp/held ]; do sleep 0.1; done'"));
        const before = await content();
        expect(JSON.parse(before)).toMatchObject({ "insecure-registries": asked.insecureRegistries });
        await must(
            nas.exec(`pid=$(readlink ${file}.nas-registry.lock | cut -d: -f1)
                until grep -q '^sshd' /proc/$pid/comm; do pid=$(sed -n 's/^PPid:\\t//p' /proc/$pid/status); done
                kill -9 $pid`),
        );
        const { code, stdout, stderr } = await interrupted;
        expect(code).not.toBe(0);
        expect((stdout + stderr).replaceAll(/\s+/g, " ")).toContain(
            "broke while a script ran there; run the same command again",
        );
        // It finds the script still at work, and waits for it.
        const next = setting.workspace.operate("cut", "up");
        await new Promise((resolve) => setTimeout(resolve, 5000));
        await systemctl.remove();
        await must(nas.exec("rm /tmp/held"));
        await next;
        expect(await content()).toBe(before);
        expect((await running(nas)).insecure).toEqual(expect.arrayContaining(asked.insecureRegistries));
        await containerIs(nas, "running");
        await setting.workspace.operate("cut", "destroy", "--run-program");
        expect(await content()).toBe(delivered);
        expect(await leftovers()).toBe("");
    });

    test("killed while the daemon restarts: the next up does it, and destroy takes it back", async () => {
        await addStack("killed", nas, { insecureRegistries: ["first:1"] });
        await setting.workspace.operate("killed", "up");
        await change("killed", { insecureRegistries: ["second:2"] });
        const interrupted = setting.workspace.attempt("killed", "up");
        await eventually(120, async () => (await content()).includes("second:2"));
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
