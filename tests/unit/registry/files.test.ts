import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { HTPASSWD_FILE } from "../../../components/registry/sections/auth";
import { configFiles } from "../../../components/registry/sections/rendered";
import { START_FILE } from "../../../components/registry/sections/mounts";
import { withDefaults } from "../../../components/registry/settings";
import { required } from "../arguments";

test("the script that takes files away knows all that can be there: one left out would leave a secret on the NAS", () => {
    const script = fs.readFileSync(path.join(__dirname, "../../../components/nas/files.sh"), "utf8");
    const known = /known_files="([^"]*)"/.exec(script)?.[1]?.split(/\s+/) ?? [];
    const possible = [
        "config.yml",
        HTPASSWD_FILE,
        START_FILE,
        ...Object.keys(configFiles(withDefaults("registry", required), { httpSecret: "", cache: { kind: "none" } })),
    ].map((name) => `registry/${name}`);
    expect(known.sort()).toEqual([...possible, "redis/redis.conf"].sort());
});
