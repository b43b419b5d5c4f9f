import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { snapshotValues } from "../../../components/operations/snapshots/snapshots";
import { capture } from "../../../toolchain/process";
import { shown } from "../../pages";
import { Program } from "./program";

const hostKey = "ssh-ed25519 AAAA";
const main = path.join(__dirname, "../../../components/cli/main.ts");

test("snapshots are made from a desk: what comes of the program on the NAS is shown there", async () => {
    const nas = new Program(["dash"]);
    try {
        const place = (name: string) => nas.host.path(name);
        const program = nas.install(
            ["../nas/zfs.sh", "../../tests/scripts/operations/snapshots.sh", "snapshots/snapshots.sh"],
            {
                ...snapshotValues({ keep: 3 }),
                ...{ state: nas.host.directory, mounts: "tank /mnt/tank zfs rw 0 0", expected: "tank" },
                data_directory: "/mnt/tank/registry-data",
            },
        );
        const component = "urn:pulumi:dev::home::nas-registry:index:NasRegistry";
        const resource = {
            urn: `${component}$command:remote:Command::registry-operations`,
            parent: `${component}::registry`,
            type: "command:remote:Command",
            inputs: { connection: { host: "nas.lan", port: 22, user: "root", hostKey }, create: "/bin/sh -s apply" },
            outputs: { stdout: `program=${program}\n` },
        };
        fs.writeFileSync(place("state"), JSON.stringify({ deployment: { resources: [resource] } }));
        fs.writeFileSync(place("snapshots"), "");
        fs.mkdirSync(place("desk"));
        const command = (name: string, script: string) =>
            fs.writeFileSync(place(`desk/${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        command("pulumi", `cat '${place("state")}'`);
        command("npx", `shift; exec '${process.execPath}' --import tsx '${main}' "$@"`);
        command("ssh", `for last; do :; done; PATH=\${PATH#*:}; eval "$last"`);
        const env = { ...process.env, PATH: `${place("desk")}:${process.env.PATH}` };
        const run = (text: string) => capture("sh", ["-euc", text], { env });

        expect(await run(shown("npx nas-registry snapshot --stack synology --dry-run"))).toMatchObject({
            code: 0,
            stdout: expect.stringContaining("would make a snapshot of the dataset 'tank'") as unknown,
        });
        expect(fs.readFileSync(place("snapshots"), "utf8")).toBe("");
        expect(await run(shown("npx nas-registry snapshot --stack synology"))).toMatchObject({
            code: 0,
            stdout: expect.stringContaining("ok: made a snapshot of the dataset 'tank'; there are 1") as unknown,
        });
        expect(fs.readFileSync(place("snapshots"), "utf8")).toMatch(/^tank@nas-registry-registry-\d{8}-\d{6}\n$/);
    } finally {
        nas.host.remove();
    }
});
