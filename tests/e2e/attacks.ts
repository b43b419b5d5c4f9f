import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Stack } from "../../components/cli/check/stack";
import { renderScript } from "../../components/nas/script";
import type { Client, Nas } from "../../lab";
import { mallory } from "../../lab/nasOptions";
import { raceScript } from "../attacker/race";
import { valuesOf } from "../scriptValues";
import { scripts as registryScripts } from "../scripts/registryFiles";
import { check, eventually, identity, must, RegistryView, Setting } from "./setting";

/** How often root's scripts are raced. */
const rounds = 200;

/**
 * What mallory, who may write in the shared folder and is no administrator, can do to a registry there: before the first update,
 * between two, at a restart, at the end, and during what root does.
 */
export function attacksOn(vendor: "synology" | "qnap"): void {
    const stack = vendor;
    let setting: Setting;
    let client: Client;
    let nas: Nas;
    let share: string;
    let volume: string;
    let ground: string;
    let control: string;
    let data: string;
    let registry: RegistryView;
    /** All that is nobody's business, before mallory came. */
    let world: string[];
    let filesScript: string;

    beforeAll(async () => {
        setting = await Setting.open(`attacks-${vendor}`);
        nas = await setting.nas({ vendor, shareWriters: ["@administrators", "mallory"] });
        client = await setting.client("laptop");
        share = nas.sharedFolder;
        volume = share.replace(/\/[^/]+$/, "");
        ground = { synology: `${volume}/@nas-registry`, qnap: `${volume}/.nas-registry` }[vendor];
        control = `${ground}/registry`;
        data = `${share}/registry-data`;
        await must(
            nas.exec(`set -e
                mkdir -p ${volume}/@appconf/Photos ${volume}/homes/anna
                echo 'the password of an app' >${volume}/@appconf/Photos/conf
                chmod 600 ${volume}/@appconf/Photos/conf
                echo 'dear diary' >${volume}/homes/anna/diary
                echo 'of anna' >${volume}/homes/anna/inside
                chown -R 1030:100 ${volume}/homes/anna
                chmod 600 ${volume}/homes/anna/diary`),
        );
        world = await look();
    });
    afterAll(() => setting.close());

    const as = (user: "root" | "mallory", script: string, input?: string) =>
        must(nas.exec(script, { input, ...(user === "mallory" && { user }) }));

    /**
     * Paths, modes, owners and contents of what is not ours. Not the keys that may log in, where the transport's is, and not
     * the names and addresses that the lab's engine gives to a NAS.
     */
    async function look(): Promise<string[]> {
        const places = `/etc /etc/config /usr/syno/etc /var/packages/*/etc ${volume}/@appconf ${volume}/homes/anna`;
        const text = await as(
            "root",
            `all() {
                find ${places} -xdev ! -path '/etc/config/ssh*' ! -path '*/certs.d*' \\
                    ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/resolv.conf "$@" 2>/dev/null | sort -u
            }
            all | xargs ls -ldn | awk '{ print $1, $3, $4, $9, $10, $11 }'
            all -type f | xargs cksum
            ls -A ${volume} | grep -vx -e '[@.]nas-registry'`,
        );
        return text.split("\n");
    }

    /** Nothing outside of our own directories has changed. */
    const expectUntouched = async () => expect(await look()).toEqual(world);

    const containers = async () => (await nas.docker("ps", "--all", "--format", "{{.Names}}")).trim();

    const catalog = async () => (await registry.get("/v2/_catalog")).body;

    describe("before the first update", () => {
        test.each([
            ["a directory of mallory's own", (at: string) => `mkdir -m 700 ${at}`, "takeOverDataFrom"],
            ["a link to another one's home", (at: string) => `ln -s ${volume}/homes/anna ${at}`, "is a link"],
        ])("%s in the place of the data directory stops it, and nothing is made", async (_, put, sentence) => {
            await as("mallory", put(data));
            const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up");
            expect(code).not.toBe(0);
            expect(stdout + stderr).toContain(sentence);
            expect(await containers()).toBe("");
            expect((await nas.exec(`ls -d ${ground}`)).code).not.toBe(0);
            await expectUntouched();
            await as("mallory", `rmdir ${data} 2>/dev/null || rm ${data}`);
        });

        test("what mallory leaves where we were or might be is not touched, and says a warning", async () => {
            await as(
                "mallory",
                `set -e
                mkdir -p ${share}/registry-config/registry ${share}/.nas-registry
                cd ${share}/registry-config
                ln -s ${volume}/homes/anna redis
                ln -s ${volume}/homes/anna/diary registry/config.yml.new
                mkfifo registry/htpasswd registry/private-key.pem.new
                ln -s ${volume}/homes/anna ${share}/registry-data.new
                # Where locks are easily made.
                mkdir -p /tmp/nas-registry-authorized-keys-0.lock/in-the-way
                ln -s "1:$(awk '{ print $22 }' /proc/1/stat)" /tmp/nas-registry-dsm.lock
                mkfifo /tmp/nas-registry /tmp/nas-registry.lock`,
            );
            const planted = () =>
                as("root", `find ${share}/registry-config ${share}/.nas-registry /tmp/nas-registry* | sort`);
            const before = await planted();
            const { stdout, stderr } = await setting.workspace.operate(stack, "up");
            expect(stdout + stderr).toMatch(/dataDirectory: .*mallory.* may write/);
            expect(await planted()).toBe(before);
            await expectUntouched();
            registry = new RegistryView(client, await setting.workspace.outputs(stack));
            await registry.push("app:1");
            const state = ["stack", "export", "--show-secrets", "--stack", stack];
            const exported = await must(setting.workspace.inProject("pulumi", state));
            const scripts = new Stack(exported, new Date()).machines().flatMap((each) => each.scripts);
            filesScript = scripts.find(({ urn }) => urn.endsWith("::registry-files"))?.inputs.stdin ?? "";
        });
    });

    describe("between two updates", () => {
        test("no process of the registry is root's, nor anybody else's", async () => {
            for (const name of ["registry", "registry-redis"]) {
                const [, ...processes] = (await nas.docker("top", name, "-eo", "uid,pid")).trim().split("\n");
                expect(processes.length).toBeGreaterThan(0);
                expect(processes.map((line) => line.trim().split(/\s+/)[0])).toEqual(processes.map(() => "91600"));
            }
        });

        test("mallory can read nothing of ours, and cannot write there", async () => {
            const places = `${ground} ${data} /var/run/nas-registry`;
            const files = await as("root", `find ${places} -type f 2>/dev/null; true`);
            expect(files).toContain("private-key.pem");
            expect(files).toContain(`${data}/docker/registry/v2/`);
            const read = await as("mallory", 'while read -r file; do cat "$file" 2>/dev/null; done; true', files);
            expect(read).toBe("");
            const directories = await as("root", `find ${places} -type d 2>/dev/null; true`);
            const script = 'while read -r at; do touch "$at/mine" 2>/dev/null && echo "$at"; done; true';
            expect(await as("mallory", script, directories)).toBe("");
        });

        test("no secret of ours lies where others can read", async () => {
            const secrets = await as(
                "root",
                `cd ${control}/registry
                sed -n 's/^ *secret: //p' config.yml; sed 's/[^:]*://' htpasswd; sed -n 2p private-key.pem; cat data-mark`,
            );
            expect(secrets.trim().split("\n").length).toBeGreaterThan(3);
            const places = `${share} /tmp ${volume}/homes`;
            const found = await nas.exec(`grep -rlF -f - ${places}`, { input: secrets });
            expect(found.stdout.split("\n").filter((file) => !file.startsWith(data))).toEqual([""]);
        });

        const stolen = () => `${share}/.stolen`;
        const steal = () => as("mallory", `mv ${data} ${stolen()}`);
        /** Mallory puts it back, and the engine starts the registry again. */
        async function giveBack(): Promise<void> {
            await as("mallory", `rm -rf ${data} && mv ${stolen()} ${data}`);
            await nas.docker("restart", "--time", "1", "registry");
            await eventually(60, async () => (await catalog()).includes('"app"'));
        }

        test("another directory in the place of ours stops an update before it changes anything, and the check finds it", async () => {
            const before = [await identity(nas, "registry"), await as("root", `find ${ground} | sort | xargs ls -ldn`)];
            await steal();
            await as("mallory", `ln -s ${volume}/homes/anna ${data}`);
            await setting.workspace.configure(stack, "registry.logLevel", "debug");
            const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up");
            expect(code).not.toBe(0);
            expect(stdout + stderr).toContain("dataDirectory: ");
            const seen = await check(setting.workspace, stack);
            expect(seen.code).toBe(1);
            expect(seen.stdout).toContain(data);
            expect([
                await identity(nas, "registry"),
                await as("root", `find ${ground} | sort | xargs ls -ldn`),
            ]).toEqual(before);
            await expectUntouched();
            await giveBack();
            expect((await setting.workspace.operate(stack, "up")).code).toBe(0);
        });

        const forged = `mkdir -m 700 $data && cd $data && echo forged >.nas-registry && mkdir -p docker/registry/v2/repositories/evil`;
        test.each([
            ["a link to the root of the NAS", "ln -s / $data"],
            ["a link to another one's home", `ln -s $volume/homes/anna $data`],
            ["a directory that mallory made look like ours", forged],
            ["an open directory", "mkdir -m 777 $data"],
        ])("a restart serves nothing from %s", async (_, put) => {
            await steal();
            await as("mallory", `data=${data}; volume=${volume}; ${put}`);
            await nas.docker("restart", "--time", "1", "registry");
            await expectRefusal();
            await giveBack();
        });

        async function expectRefusal(): Promise<void> {
            await eventually(30, async () => (await logs()).includes("the registry does not start, since"));
            expect((await registry.get("/v2/_catalog")).status).toBe(0);
            await expectUntouched();
        }
        const logs = async () => {
            const { stdout, stderr } = await nas.exec(`/usr/lib/nas-registry-lab/engine/docker logs --tail 3 registry`);
            return stdout + stderr;
        };

        test("a reboot of the NAS serves nothing from another's tree, and what mallory gives back after it", async () => {
            await steal();
            await as("mallory", `data=${data}; ${forged}`);
            await as("mallory", `mv ${share}/registry-config ${share}/old; mkdir -p ${share}/registry-config/registry`);
            await nas.reboot();
            await expectRefusal();
            await giveBack();
        });
    });

    test("destroy follows no link, and leaves the images and nothing else", async () => {
        await as("mallory", `mv ${data} ${share}/.stolen; ln -s ${volume}/homes/anna ${data}`);
        await as("root", `echo 'not ours' >${volume}/homes/anna/.nas-registry`);
        world = await look();
        await setting.workspace.operate(stack, "destroy", "--run-program");
        await expectUntouched();
        expect(await containers()).toBe("");
        expect((await nas.exec(`ls -d ${ground}`)).code).not.toBe(0);
        expect(await as("root", `ls ${share}/.stolen`)).toBe("docker\n");
    });

    test(`whoever races root ${rounds} times wins nothing, and holds up nobody`, async () => {
        const loot = `${volume}/homes/mallory/loot`;
        const values = { ...valuesOf(filesScript), docker: "/bin/true", ports: "" };
        expect(values).toMatchObject({ data_directory: data, control_directory: control });
        const script = (changed: Record<string, string>) =>
            renderScript({ ...values, ...changed }, "nas/lib.sh", ...registryScripts);
        // The very text that the NAS was given, but for the engine, which would only take time.
        expect(script({}).slice(-1000)).toBe(filesScript.slice(-1000));
        const race = raceScript({
            rounds,
            shell: "/bin/sh",
            scripts: {
                apply: script({}),
                move: script({ data_directory: `${share}/moved`, data_directory_change: "move" }),
            },
            share,
            control,
            racer: mallory(vendor),
            outside: `${volume}/homes/anna`,
            loot,
        });
        await as("mallory", `: >${loot}`);
        const said = (await as("root", "sh", race)).trim().split("\n");
        await expectUntouched();
        expect(said.filter((line) => line.split(" ")[2] === "137")).toEqual([]);
        // Some updates got past mallory, and some did not.
        const outcomes = said.map((line) => line.split(" ").slice(0, 3).join(" "));
        expect(outcomes).toEqual(expect.arrayContaining(["apply apply 0", "apply apply 1"]));
        const secrets = Object.entries(values).filter(([name]) => name.startsWith("file_"));
        const read = await as("root", `cat ${loot}`);
        expect(secrets.filter(([, text]) => read.includes(text.trim()))).toEqual([]);
        expect(read).not.toMatch(/[0-9a-f]{32}/);
    });
}
