/** A registry with all operations on (no snapshots: the lab has no Btrfs), its replica on another make's NAS, and what heals it. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { RESTIC_TAG } from "../../components/registry/sections/images";
import type { Nas } from "../../lab";
import type { CommandResult } from "../../toolchain/process";
import { eventually, loadOn, must, RegistryView, Setting } from "./setting";

let setting: Setting;
let nas: Nas;
let replica: Nas;
let first: RegistryView;
let second: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("replication");
    await setting.serveOperationsImages();
    replica = await setting.nas({ vendor: "qnap", name: "replica" }, { operations: {} });
    await setting.workspace.operate("replica", "up");
    const { url = "", username, password, caCertificate } = await setting.workspace.outputs("replica");
    const target = { registry: url.replace("https://", ""), username, caCertificate };
    nas = await setting.nas(
        { vendor: "synology", name: "source" },
        {
            operations: {
                backup: { directory: "/volume1/registry-backup", password: "sesame of the backups", image: RESTIC_TAG },
                garbageCollection: { schedule: "30 3 * * sun", deleteUntagged: true },
                notifications: { webhooks: [{ kind: "ntfy", url: "http://mirror:5000/nas", operations: ["gc"] }] },
                replication: { target, exceptTags: ["pr-*"], schedule: "30 4 * * *" },
                retention: { rules: [{ repositories: ["ci/**"], keepNewest: 2 }], apply: true },
                verification: { hours: "1-6", rate: "500m" },
            },
        },
    );
    await must(
        setting.shown(
            "pulumi config set --secret --path 'nas-registry:registry.operations.replication.target.password' --stack first",
            "source",
            {},
            password,
        ),
    );
    await setting.workspace.operate("source", "up");
    const client = await setting.client("laptop");
    first = new RegistryView(client, await setting.workspace.outputs("source"));
    second = new RegistryView(client, await setting.workspace.outputs("replica"));
});
afterAll(() => setting.close());

const operate = (...args: string[]) => setting.workspace.command([...args, "--stack", "source"]);

test("what a Synology has gets to a QNAP, what is there already is not copied again, and nothing is deleted there", async () => {
    for (const name of ["team/app:1", "team/app:2", "team/app:pr-1", "other:latest"]) await first.push(name);
    await second.push("own:1");
    expect(await setting.shown("npx nas-registry replicate --stack first --dry-run", "source")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/would copy 3 tags to/) as string,
    });
    const done = await operate("replicate", "--json");
    expect({ code: done.code, ...(JSON.parse(done.stdout) as object) }).toMatchObject({
        code: 0,
        result: "ok",
        copied: "3",
    });
    const digest = async (view: RegistryView, tag: string) =>
        (await view.manifest("team/app", tag)).headers["docker-content-digest"];
    expect(await digest(second, "1")).toBe(await digest(first, "1"));
    expect((await second.manifest("team/app", "pr-1")).status).toBe(404);
    expect((await second.manifest("own", "1")).status).toBe(200);
    expect(await setting.shown("npx nas-registry replicate --stack first", "source")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/copied 0 tags/) as string,
    });
    expect(await nas.docker("ps", "--all", "--format", "{{.Names}}")).not.toContain("operation");
});

test("with all operations on, a second up changes nothing and logs in nowhere", async () => {
    const logins = () => Promise.all([nas, replica].map((each) => each.sshLogins()));
    const before = await logins();
    expect(Object.keys((await setting.workspace.operate("source", "up")).changes)).toEqual(["same"]);
    expect(await logins()).toEqual(before);
});

const v2 = "/volume1/docker/registry-data/docker/registry/v2";
/** Flips 1,000 bits in blobs, of which half are drawn; the digests of those. */
async function flipBits(): Promise<string[]> {
    const program = `
        my @files = grep { rand() < 0.5 } map { chomp; $_ } <STDIN>;
        my %bits;
        while (keys %bits < 1000) { my $file = $files[rand @files]; $bits{$file . " " . int(rand(8 * -s $file))} = $file }
        for (keys %bits) {
            my ($file, $bit) = split " ";
            open(my $blob, "+<", $file) or die $!;
            seek($blob, $bit >> 3, 0); read($blob, my $byte, 1);
            seek($blob, $bit >> 3, 0); print $blob chr(ord($byte) ^ (1 << ($bit & 7)));
        }
        print "$_\n" for do { my %seen; grep { !$seen{$_}++ } values %bits };`;
    const files = await must(nas.exec(`find ${v2}/blobs -name data >/tmp/blobs; perl -e '${program}' </tmp/blobs`));
    return files
        .trim()
        .split("\n")
        .map((file) => file.split("/").at(-2) ?? "");
}

test("1,000 flipped bits are found, the images named, and healed from the replica and from the backup", async () => {
    const outputs = await setting.workspace.outputs("source");
    const load = loadOn(nas, outputs, { repositories: ["web", "db/tools"], seed: 21, largest: 200_000 });
    load.start(2);
    await eventually(60, async () => Promise.resolve(load.report().pushes > 14));
    expect((await load.stop()).failures).toEqual([]);
    for (const operation of ["replicate", "backup"]) expect(await operate(operation)).toMatchObject({ code: 0 });
    const restored = async (restore: () => Promise<CommandResult>) => {
        const damaged = await flipBits();
        const broken = (await load.verifyAll()).map((line) => line.split(": ")[0]);
        const { code, stdout } = await operate("verify", "--all", "--json");
        const found = Number((JSON.parse(stdout) as Record<string, string>).damaged);
        // Beside what was damaged before, and that the replica did not have.
        expect([code, found >= damaged.length], stdout).toEqual([1, true]);
        const named = (await operate("logs", "verify")).stdout;
        for (const image of broken) expect(named).toContain(`${image} cannot be pulled whole`);
        const done = await restore();
        expect(await load.verifyAll(), done.stdout).toEqual([]);
        return done;
    };
    // What has no tag is not copied to the replica.
    const fromReplica = await restored(async () => {
        expect(
            await setting.shown("npx nas-registry restore --stack first --missing --from-replica --dry-run", "source"),
        ).toMatchObject({
            stdout: expect.stringMatching(/would/) as string,
        });
        return setting.shown("npx nas-registry restore --stack first --missing --from-replica", "source");
    });
    expect(fromReplica.stdout).not.toMatch(/^(team|other).* still lacks/m);
    const fromBackup = await restored(() =>
        setting.shown("npx nas-registry restore --stack synology --missing", "source"),
    );
    expect(fromBackup).toMatchObject({ code: 0 });
    await must(first.pull("team/app:1"));
    expect(await operate("verify", "--all")).toMatchObject({ code: 0 });
});

test("a replica that is off is said within a minute, and pulls from the first go on", async () => {
    await replica.docker("stop", "registry");
    const began = Date.now();
    expect(await operate("replicate")).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/does not answer as it should/) as string,
    });
    expect(Date.now() - began).toBeLessThan(90_000);
    expect((await first.manifest("team/app", "1")).status).toBe(200);
    await must(replica.exec("true"));
});
