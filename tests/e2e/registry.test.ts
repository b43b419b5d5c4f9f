import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { capture } from "../../toolchain/process";
import { eventually, identity, must, RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;

beforeAll(async () => {
    setting = await Setting.open("registry");
    client = await setting.client("laptop");
});
afterAll(() => setting.close());

/** What the product may change on a NAS, as text that can be compared. */
const vendors = {
    synology: {
        files: ["/root/.ssh/authorized_keys", "/var/packages/ContainerManager/etc/dockerd.json"],
        share: "/volume1/docker",
        control: "/volume1/@nas-registry/registry",
        port: 9160,
    },
    qnap: {
        files: ["/root/.ssh/authorized_keys", "/share/CACHEDEV1_DATA/.qpkg/container-station/etc/docker.json"],
        share: "/share/CACHEDEV1_DATA/Container",
        control: "/share/CACHEDEV1_DATA/.nas-registry/registry",
        port: 5000,
    },
} as const;

describe.each(["synology", "qnap"] as const)("on a %s", (vendor) => {
    const { files, share, control, port } = vendors[vendor];
    let nas: Nas;
    let registry: RegistryView;
    let untouched: string[];
    let foreign: string;
    let printed: string;
    let seenInPs: string;
    const chosen = randomBytes(12).toString("hex");
    const sshKey = () => fs.readFileSync(nas.privateKeyFile, "utf8");

    const contents = () =>
        Promise.all(files.map((file) => must(nas.exec(`ls -l ${file} | cut -c 1-10; od -c ${file}`))));

    beforeAll(async () => {
        const args = { users: [{ name: "admin" }, { name: "anna" }] };
        nas = await setting.nas({ vendor, foreignContainer: "photos" }, args);
        await setting.workspace.configureSecret(vendor, "registry.users[1].password", chosen);
        // The other one asks the ssh-agent.
        if (vendor === "qnap") {
            await setting.workspace.useKey(vendor, sshKey(), "registry.connection.privateKey");
        }
        untouched = await contents();
        foreign = await identity(nas, "photos");
        const watch = watchProcesses(nas);
        const preview = await setting.workspace.operate(vendor, "preview", "--diff");
        const up = await setting.workspace.operate(vendor, "up", "--diff");
        seenInPs = await watch.stop();
        printed = [preview, up].map(({ stdout, stderr }) => stdout + stderr).join("\n");
        registry = new RegistryView(client, await setting.workspace.outputs(vendor));
    });

    test("a first up logs in to the NAS at most five times", async () => {
        // One for each script, and one for the Docker Engine.
        expect(await nas.sshLogins()).toBeLessThanOrEqual(5);
    });

    test("client-setup prints the script for a client", async () => {
        const stdout = await must(setting.workspace.command(["client-setup", "linux", "--stack", vendor]));
        expect(await must(client.exec("sh", { input: stdout }))).toContain(`now trusts ${registry.name}`);
        expect(await must(client.exec("sh -s undo", { input: stdout }))).toContain(`no longer trusts`);
    });

    test("what is pushed can be pulled and is listed", async () => {
        await registry.push("team/app:1");
        expect(await registry.pull("team/app:1")).toMatchObject({ code: 0 });
        expect(await registry.get("/v2/_catalog")).toEqual({ status: 200, body: `{"repositories":["team/app"]}` });
    });

    test("a password that is a secret of the stack's configuration is its user's", async () => {
        expect((await registry.get("/v2/_catalog", chosen, "anna")).status).toBe(200);
        expect((await registry.get("/v2/_catalog", chosen, "admin")).status).toBe(401);
    });

    test("without or with a wrong password there is nothing", async () => {
        expect((await registry.get("/v2/_catalog", "")).status).toBe(401);
        expect((await registry.get("/v2/_catalog", "wrong")).status).toBe(401);
    });

    test("both containers become healthy", async () => {
        await eventually(90, async () => {
            const states = await nas.docker(
                "inspect",
                "--format",
                "{{.State.Health.Status}}",
                "registry",
                "registry-redis",
            );
            return states
                .trim()
                .split("\n")
                .every((state) => state === "healthy");
        });
    });

    test("limits, logs and rights are as declared", async () => {
        const inspected = await nas.docker("inspect", "registry", "registry-redis");
        const [web, redis] = JSON.parse(inspected) as {
            HostConfig: Record<string, unknown>;
            Config: Record<string, unknown>;
        }[];
        const shared = {
            ReadonlyRootfs: true,
            CapDrop: ["ALL"],
            SecurityOpt: ["no-new-privileges=true"],
            RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
            LogConfig: { Type: "json-file", Config: { "max-file": "3", "max-size": "10m" } },
        };
        const memory = 1024 * 1024;
        expect(web?.HostConfig).toMatchObject({ ...shared, Memory: 1024 * memory, NanoCpus: 2e9, PidsLimit: 1024 });
        expect(redis?.HostConfig).toMatchObject({ ...shared, Memory: 256 * memory, PidsLimit: 128 });
        expect([web?.Config.User, redis?.Config.User]).toEqual(["91600:91600", "91600:91600"]);
    });

    test("Redis answers by its socket alone, and a debug port nowhere", async () => {
        const listening = 'awk \'$4 == "0A" { sub(/.*:/, "", $2); print $2 }\' /proc/net/tcp /proc/net/tcp6';
        const ports = (await must(nas.exec(listening))).split("\n").map((hex) => parseInt(hex, 16));
        expect(ports).toContain(port);
        expect(ports).not.toContain(6379);
        expect(ports).not.toContain(5001);
        const inRegistry = await nas.docker("exec", "registry", "netstat", "-tln");
        expect(inRegistry).toContain(":5000 ");
        expect(inRegistry).not.toContain(":5001 ");
        expect(await nas.docker("exec", "registry-redis", "netstat", "-tln")).not.toContain("LISTEN");
        // Nobody else on the NAS reaches it, and the registry itself cannot put another one in its place.
        const rights = await must(nas.exec(`stat -c '%a %u' ${control}/run ${control}/run/redis.sock`));
        expect(rights.trim().split("\n")).toEqual(["700 91600", "700 91600"]);
        const written = await nas.exec(
            "/usr/lib/nas-registry-lab/engine/docker exec registry rm /run/redis/redis.sock",
        );
        expect(written).toMatchObject({ code: 1, stderr: expect.stringContaining("Read-only file system") as string });
    });

    test("Redis comes back by the same socket after a restart", async () => {
        await nas.docker("kill", "registry-redis");
        await nas.docker("start", "registry-redis");
        const lookUps = async () => {
            const script = `sed -n 's/^requirepass /AUTH /p' ${control}/redis/redis.conf | { cat; echo INFO commandstats; } |
                /usr/lib/nas-registry-lab/engine/docker exec -i registry-redis redis-cli -s /run/redis/redis.sock`;
            return Number(/cmdstat_sismember:calls=(\d+)/.exec(await must(nas.exec(script)))?.[1] ?? 0);
        };
        await eventually(10, async () => {
            await registry.get(`/v2/team/app/blobs/sha256:${"0".repeat(64)}`);
            return (await lookUps()) > 0;
        });
    });

    test("no secret is in the state, in docker inspect, in the output or in the process list", async () => {
        const { password = "" } = registry.outputs;
        const config = await must(nas.exec(`cat ${control}/registry/config.yml ${control}/redis/redis.conf`));
        const secrets = {
            password,
            chosen,
            sshKey: sshKey().split("\n")[2] ?? "",
            hash: (await must(nas.exec(`sed -n '1s/.*://p' ${control}/registry/htpasswd`))).trim(),
            chosenHash: (await must(nas.exec(`sed -n '2s/.*://p' ${control}/registry/htpasswd`))).trim(),
            httpSecret: /secret: (\S+)/.exec(config)?.[1] ?? "",
            redisPassword: /requirepass (\S+)/.exec(config)?.[1] ?? "",
            serverKey: (await must(nas.exec(`sed -n 2p ${control}/registry/private-key.pem`))).trim(),
            keyHeader: "PRIVATE KEY",
        };
        const containers = (await nas.docker("ps", "--all", "--quiet")).trim().split("\n");
        const places = {
            state: await setting.workspace.export(vendor),
            inspect: await nas.docker("inspect", ...containers),
            output: printed,
            ps: seenInPs,
        };
        expect(places.ps).toContain("dial-stdio");
        for (const [secret, value] of Object.entries(secrets)) {
            expect(value.length, secret).toBeGreaterThan(8);
            for (const [place, text] of Object.entries(places)) {
                expect(text.includes(value), `${secret} in ${place}`).toBe(false);
            }
        }
    });

    test("a second up, a refresh and an up after it change nothing, and an idle up does not log in", async () => {
        const before = await identity(nas, "registry");
        const logins = await nas.sshLogins();
        const all = (await setting.workspace.operate(vendor, "up")).changes;
        expect(Object.keys(all)).toEqual(["same"]);
        expect(await nas.sshLogins()).toBe(logins);
        expect((await setting.workspace.operate(vendor, "refresh", "--run-program")).stdout).toContain(
            `${all.same} unchanged`,
        );
        expect((await setting.workspace.operate(vendor, "up")).changes).toEqual(all);
        expect(await identity(nas, "registry")).toBe(before);
    });

    test("preview works with the NAS off, and the registry comes back with it", async () => {
        await nas.stop();
        expect(Object.keys((await setting.workspace.operate(vendor, "preview")).changes)).toEqual(["same"]);
        await nas.start();
        await eventually(
            90,
            async () => (await registry.get("/v2/team/app/tags/list")).body === `{"name":"team/app","tags":["1"]}`,
        );
        foreign = await identity(nas, "photos");
    });

    test("a machine that has never run up can refresh: the program writes the transport key again", async () => {
        await forgetTransport(await setting.workspace.export(vendor));
        await setting.workspace.operate(vendor, "refresh", "--run-program");
        expect(Object.keys((await setting.workspace.operate(vendor, "up")).changes)).toEqual(["same"]);
    });

    test("a container that was lost is found missing and made again, with its images", async () => {
        await nas.docker("rm", "--force", "registry");
        await setting.workspace.operate(vendor, "refresh", "--run-program");
        await setting.workspace.operate(vendor, "up");
        expect((await registry.get("/v2/team/app/tags/list")).status).toBe(200);
    });

    test("destroy leaves the data, and everything else as it was", async () => {
        const images = `find ${share}/registry-data -type f`;
        const blobs = await must(nas.exec(`${images} ! -name .nas-registry | sort | xargs md5sum`));
        expect(blobs).not.toBe("");
        const logins = await nas.sshLogins();
        await setting.workspace.operate(vendor, "destroy", "--run-program");
        // One takes back the transport key, the other one all else.
        expect((await nas.sshLogins()) - logins).toBeLessThanOrEqual(2);
        expect(await contents()).toEqual(untouched);
        expect((await must(nas.exec(`ls ${share} | grep registry`))).trim()).toBe("registry-data");
        expect(await must(nas.exec(`${images} | sort | xargs md5sum`))).toBe(blobs);
        expect((await nas.exec(`ls -d ${path.dirname(control)}`)).code).not.toBe(0);
        expect(await identity(nas, "photos")).toBe(foreign);
        expect((await nas.docker("ps", "--all", "--format", "{{.Names}}")).trim()).toBe("photos");
        expect(await nas.docker("network", "ls", "--filter", "name=registry", "--quiet")).toBe("");
    });

    test("after destroy, up serves the same images again", async () => {
        await setting.workspace.operate(vendor, "up");
        const again = new RegistryView(client, await setting.workspace.outputs(vendor));
        expect((await again.get("/v2/_catalog")).body).toBe(`{"repositories":["team/app"]}`);
    });

    // Once, since it takes a minute.
    if (vendor === "synology") {
        test("a layer of 1 GiB comes back whole", async () => {
            const again = new RegistryView(client, await setting.workspace.outputs(vendor));
            expect(again.outputs.url).toMatch(/^https:/);
            await again.carryLargeLayer("team/large:1");
        });
    }

    test("a destroy without the program works where up has run", async () => {
        await setting.workspace.operate(vendor, "destroy");
        expect(await contents()).toEqual(untouched);
    });
});

/** Takes away what the program wrote into this machine's home directory, and the connection that is still open. */
async function forgetTransport(state: string): Promise<void> {
    const id = /~\/\.nas-registry\/([0-9a-f]{12})\//.exec(state)?.[1] ?? "";
    expect(id).not.toBe("");
    const directory = path.join(os.userInfo().homedir, ".nas-registry", id);
    await capture("ssh", ["-o", `ControlPath=${directory}/mux`, "-O", "exit", "nas"]);
    fs.rmSync(directory, { recursive: true });
}

/** Collects the command lines of all processes of the NAS and of this machine. */
function watchProcesses(nas: Nas): { stop: () => Promise<string> } {
    const seen = new Set<string>();
    const ended = new AbortController();
    const loop = (async () => {
        while (!ended.signal.aborted) {
            const lists = await Promise.all([nas.exec("ps -eo args"), capture("ps", ["-eo", "args"])]);
            for (const line of lists.flatMap(({ stdout }) => stdout.split("\n"))) {
                seen.add(line);
            }
        }
    })();
    return {
        stop: async () => {
            ended.abort();
            await loop;
            return [...seen].join("\n");
        },
    };
}
