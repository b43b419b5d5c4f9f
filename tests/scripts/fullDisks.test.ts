import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { trustValues } from "../../components/clients/clientSetup";
import { vendors } from "../../components/nas/vendors";
import { DAEMON_TRUST_SCRIPTS } from "../../components/registry/onNas";
import { contents, dataScripts, give, owner, RegistryFiles, scripts, type Values } from "./registryFiles";
import { caCertificate } from "../publicAuthorities";
import { awks, delivered, FakeNas, settings } from "./daemon/nas";
import { ScriptHost, shells } from "./shells";
import { onTightDisk, type Outcome, type Room, type Step } from "./tightDisk";

const isRoot = process.getuid?.() === 0;

/** More than a page, so that half of a file can be written. */
const long = (name: string) => `# ${name}\n`.repeat(600);

const oldFiles = {
    "registry/config.yml": long("old"),
    "registry/htpasswd": "admin:old\n",
    "redis/redis.conf": "old\n",
};
const newFiles = {
    "registry/config.yml": long("new"),
    "registry/htpasswd": "admin:new\n",
    "redis/redis.conf": "new\n",
};

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";

/** A script, what was done before it, and what must hold of the disk when it has failed. */
interface Case {
    disk: string;
    before: Step[];
    step: Step;
    /** @throws where something is lost, or half there */
    isWhole: (disk: string, done: boolean) => void;
}

/** A machine of its own for each try. */
interface Place {
    shell: string[];
    host: ScriptHost;
    nas: RegistryFiles;
    fakes: { remove(): void }[];
}

const values = ({ host, nas }: Place, changed: Values = {}) => ({
    runtime_directory: host.runtime,
    ...nas.values,
    ...changed,
});
const files = (place: Place, changed: Values, action: Step["action"] = "apply"): Step => ({
    files: scripts,
    values: values(place, changed),
    action,
});
const transport = ({ host }: Place, action: Step["action"]): Step => ({
    files: ["nas/transport.sh"],
    values: {
        runtime_directory: host.runtime,
        public_key: key,
        marker: "nas-registry:0123456789ab",
        forced_command: "/bin/docker system dial-stdio",
        from: "",
    },
    action,
});
const read = (disk: string, name: string) => {
    try {
        return fs.readFileSync(path.join(disk, name), "utf8");
    } catch {
        return undefined;
    }
};
/** Each is one of these texts, whole. */
const isEither = (disk: string, directory: string, ...texts: Record<string, string>[]) => {
    for (const name of Object.keys(texts[0] ?? {})) {
        const found = read(disk, path.join(directory, name));
        expect([undefined, ...texts.map((each) => each[name])], name).toContain(found);
    }
};
/** What mktemp and others have left beside the files. */
const leftovers = (disk: string) =>
    fs
        .readdirSync(disk, { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(?!record$)\w{6}$|\.nas-registry-\w{6}$/.test(name));
const control = "@nas-registry/registry";
const image = (disk: string, data = "share/registry-data") => read(disk, `${data}/docker/registry/v2/blobs/image`);

const cases: Record<string, (place: Place) => Case> = {
    "the first files of a registry": (place) => ({
        disk: place.host.path("volume"),
        before: [],
        step: files(place, contents(newFiles)),
        isWhole: (disk, done) => {
            isEither(disk, control, newFiles);
            if (done) {
                expect(read(disk, `${control}/registry/htpasswd`)).toBe("admin:new\n");
            }
        },
    }),
    "an update of its files": (place) => {
        place.nas.images();
        return {
            disk: place.host.path("volume"),
            before: [files(place, contents(oldFiles))],
            step: files(place, contents(newFiles)),
            isWhole: (disk, done) => {
                isEither(disk, control, ...(done ? [newFiles] : [oldFiles, newFiles]));
                expect(Object.keys(oldFiles).map((name) => read(disk, path.join(control, name)))).not.toContain(
                    undefined,
                );
                expect(image(disk)).toBe("precious");
                expect(read(disk, "share/registry-data/.nas-registry")).toBe(
                    read(disk, `${control}/registry/data-mark`),
                );
            },
        };
    },
    "a move of its images": (place) => {
        place.nas.images();
        const moved = path.join(place.nas.share, "moved", "data");
        return {
            disk: place.host.path("volume"),
            before: [files(place, contents(oldFiles)), files(place, contents(oldFiles))],
            step: files(place, { ...contents(oldFiles), data_directory: moved, data_directory_change: "move" }),
            isWhole: (disk, done) => {
                isEither(disk, control, oldFiles);
                const places = fs
                    .readdirSync(disk, { recursive: true, encoding: "utf8" })
                    .filter((name) => name.endsWith("/blobs/image"));
                expect(places).toHaveLength(1);
                if (done) {
                    expect(image(disk, "share/moved/data")).toBe("precious");
                }
            },
        };
    },
    "taking over images of another owner": (place) => {
        place.nas.images();
        give(place.nas.data, 1027, 100);
        return {
            disk: place.host.path("volume"),
            before: [],
            step: {
                files: [...dataScripts, "nas/takeOver.sh"],
                values: values(place, { take_over_from: "1027:100" }),
                action: "apply",
            },
            isWhole: (disk, done) => {
                expect(image(disk)).toBe("precious");
                if (done) {
                    expect(fs.statSync(path.join(disk, "share/registry-data")).uid).toBe(owner);
                }
            },
        };
    },
    "a registry's end": (place) => {
        place.nas.images();
        return {
            disk: place.host.path("volume"),
            before: [files(place, contents(oldFiles))],
            step: files(place, contents(oldFiles), "revert"),
            isWhole: (disk, done) => {
                isEither(disk, control, oldFiles);
                expect(image(disk)).toBe("precious");
                if (done) {
                    expect(fs.readdirSync(disk)).toEqual(["share"]);
                }
            },
        };
    },
    ...Object.fromEntries(
        (["apply", "revert"] as const).map((action) => [
            `the key of the transport, ${action}`,
            (place: Place) => {
                const people = long("ssh-rsa AAAA somebody");
                fs.mkdirSync(path.join(place.host.home, ".ssh"), { mode: 0o700 });
                fs.writeFileSync(path.join(place.host.home, ".ssh", "authorized_keys"), people, { mode: 0o600 });
                return {
                    disk: place.host.home,
                    before: action === "revert" ? [transport(place, "apply")] : [],
                    step: transport(place, action),
                    isWhole: (disk: string, done: boolean) => {
                        const line = `restrict,command="/bin/docker system dial-stdio" ${key} nas-registry:0123456789ab:\n`;
                        const [after, ago] = action === "apply" ? [people + line, people] : [people, people + line];
                        expect(done ? [after] : [after, ago]).toContain(read(disk, ".ssh/authorized_keys"));
                    },
                };
            },
        ]),
    ),
    "trust of the NAS's daemon": (place) => {
        place.nas.engine('*" pull "*) echo "manifest unknown" >&2; exit 1 ;;');
        const trust = trustValues("nas:9160", { caCertificate, ofDockerHub: true });
        const places = ["one", "two"].flatMap((each) => [
            `${each}/certs.d/nas:9160/nas-registry.crt`,
            `${each}/certs.d/docker.io/nas-registry-nas:9160.crt`,
        ]);
        return {
            disk: place.host.path("volume"),
            before: [],
            step: {
                files: ["../tests/scripts/certificatesOnDisk.sh", ...DAEMON_TRUST_SCRIPTS],
                values: {
                    ...values(place),
                    ...trust,
                    argument: "daemonMirror",
                    disk: place.host.path("volume"),
                    username: "",
                    password: "",
                },
                action: "apply",
            },
            isWhole: (disk, done) => {
                const expected = done ? trust.ca_certificate : undefined;
                expect(places.map((place) => read(disk, place))).toEqual(places.map(() => expected));
            },
        };
    },
    ...Object.fromEntries(
        (["apply", "revert"] as const).map((action) => [
            `the daemon's file, ${action}`,
            (place: Place) => {
                const daemon = new FakeNas(place.shell, awks[0]?.[1] ?? []);
                place.fakes.push(daemon);
                const disk = daemon.path("disk");
                fs.mkdirSync(disk);
                fs.renameSync(daemon.path("dockerd.json"), path.join(disk, "dockerd.json"));
                fs.symlinkSync(path.join(disk, "dockerd.json"), daemon.path("dockerd.json"));
                const step = (action: Step["action"]): Step => ({
                    files: ["../tests/scripts/daemon/vendor.sh", "nas/daemon/daemon.sh"],
                    values: daemon.values(),
                    action,
                });
                return {
                    disk,
                    before: action === "revert" ? [step("apply")] : [],
                    step: step(action),
                    isWhole: (disk: string, done: boolean) => {
                        const file = read(disk, "dockerd.json") ?? "";
                        const isDelivered = file === delivered;
                        if (!isDelivered) {
                            expect(JSON.parse(file)).toMatchObject(settings);
                        }
                        expect(isDelivered).toBe((action === "revert") === done);
                    },
                };
            },
        ]),
    ),
    "the daemon's first file": (place) => {
        const daemon = new FakeNas(place.shell, awks[0]?.[1] ?? []);
        place.fakes.push(daemon);
        const disk = daemon.path("disk");
        fs.mkdirSync(disk);
        fs.rmSync(daemon.path("dockerd.json"));
        fs.symlinkSync(path.join(disk, "dockerd.json"), daemon.path("dockerd.json"));
        return {
            disk,
            before: [],
            step: {
                files: ["../tests/scripts/daemon/vendor.sh", "nas/daemon/daemon.sh"],
                values: daemon.values("one", settings, { makes_file: "yes" }),
                action: "apply",
            },
            isWhole: (disk, done) => {
                const file = JSON.parse(read(disk, "dockerd.json") ?? "{}") as unknown;
                expect(file).toEqual(done ? expect.objectContaining(settings) : {});
            },
        };
    },
    ...Object.fromEntries(
        (["apply", "revert"] as const).map((action) => [
            `the cron table of QTS, ${action}`,
            ({ host }: Place) => {
                const people = long("0 4 * * * /sbin/hwclock -s");
                const disk = host.path("root", "etc");
                const table = "config/crontab";
                fs.mkdirSync(path.join(disk, "config"), { recursive: true });
                fs.mkdirSync(path.join(disk, "init.d"));
                fs.mkdirSync(host.path("bin"));
                fs.writeFileSync(path.join(disk, table), people);
                for (const name of [host.path("bin", "crontab"), path.join(disk, "init.d", "crond.sh")]) {
                    fs.writeFileSync(name, `#!/bin/sh\n[ "$1" != -l ] || cat "${path.join(disk, table)}"\n`, {
                        mode: 0o755,
                    });
                }
                const step = (action: Step["action"]): Step => ({
                    files: [...vendors.qnap.schedulerScripts, "../tests/scripts/schedule/verbs.sh"],
                    values: {
                        ...{ runtime_directory: host.runtime, root: host.path("root"), programs: host.path("bin") },
                        ...{ privilege: "root", title: "nas-registry registry", program: "/share/run" },
                    },
                    action,
                });
                return {
                    disk,
                    before: action === "revert" ? [step("apply")] : [],
                    step: step(action),
                    isWhole: (disk: string, done: boolean) => {
                        const line = "*/5 * * * * /bin/sh /share/run tick # nas-registry registry\n";
                        const [after, ago] = action === "apply" ? [line + people, people] : [people, line + people];
                        expect(done ? [after] : [after, ago]).toContain(read(disk, table));
                    },
                };
            },
        ]),
    ),
    "the first key of the transport": (place) => ({
        disk: place.host.home,
        before: [],
        step: transport(place, "apply"),
        // What a failed try has made would count as a person's.
        isWhole: (disk, done) => {
            expect(read(disk, ".ssh/authorized_keys")).toEqual(done ? expect.stringMatching(/:df\n$/) : undefined);
            expect(fs.existsSync(path.join(disk, ".ssh"))).toBe(done);
        },
    }),
};

/** @throws unless the script, on such a disk, does all that it should, or says in one sentence why not and loses nothing */
async function attempt(shell: string[], title: string, room: Room): Promise<Outcome> {
    const host = new ScriptHost(shell);
    const place = { shell, host, nas: new RegistryFiles(host), fakes: [host] as Place["fakes"] };
    try {
        const { disk, before, step, isWhole } = cases[title]?.(place) ?? expect.fail();
        const places = { disk, home: host.home, scratch: host.path("scratch") };
        const { tight, again } = await onTightDisk(shell, places, room, before, step);
        const at = `with ${JSON.stringify(room)}: ${tight.said}`;
        if (tight.code !== 0) {
            expect(tight.code, at).toBe(1);
            expect(tight.said.match(/^nas-registry: /gm), at).toHaveLength(1);
            expect(tight.said, "a path that says nothing of its disk").not.toMatch(/^nas-registry: .*'\.\//m);
            expect(tight.said.trim().split("\n").at(-1), at).toMatch(
                /^nas-registry: .*(room|writ|reason stands above)/,
            );
        }
        expect(leftovers(tight.disk), at).toEqual([]);
        expect(() => isWhole(tight.disk, tight.code === 0), at).not.toThrow();
        expect(again.code, `again: ${again.said}, ${at}`).toBe(0);
        expect(() => isWhole(again.disk, true), `again, ${at}`).not.toThrow();
        return tight;
    } finally {
        place.fakes.forEach((each) => each.remove());
    }
}

describe.runIf(isRoot).each(shells)("a disk without room, under %s", (_, shell) => {
    describe.concurrent.each(Object.keys(cases))("%s", (title) => {
        test("read-only: nothing is changed, and one sentence says why", async () => {
            expect((await attempt(shell, title, "read-only")).code).toBe(1);
        }, 60_000);

        test.each(["pages", "inodes"] as const)(
            "full at any number of %s: a sentence, and nothing is lost or half there",
            async (unit) => {
                for (let left = 0; ; left += 1) {
                    const room = (unit === "pages" ? { pages: left } : { inodes: left }) as Room;
                    if ((await attempt(shell, title, room)).code === 0) {
                        return;
                    }
                    expect(left).toBeLessThan(40);
                }
            },
            240_000,
        );
    });
});
