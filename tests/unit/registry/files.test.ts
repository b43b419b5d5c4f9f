import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { HTPASSWD_FILE, tokenFiles } from "../../../components/registry/sections/auth";
import { cacheFiles } from "../../../components/registry/sections/cache";
import { SERVER_CERTIFICATE_FILE, SERVER_KEY_FILE } from "../../../components/registry/sections/http";
import { START_FILE, TRUSTED_FILE } from "../../../components/registry/sections/mounts";

test("the script that takes files away knows all that can be there: one left out would leave a secret on the NAS", () => {
    const script = fs.readFileSync(path.join(__dirname, "../../../components/nas/files.sh"), "utf8");
    const known = /known_files="([^"]*)"/.exec(script)?.[1]?.split(/\s+/) ?? [];
    const possible = [
        "config.yml",
        HTPASSWD_FILE,
        SERVER_CERTIFICATE_FILE,
        SERVER_KEY_FILE,
        TRUSTED_FILE,
        START_FILE,
        ...Object.keys(tokenFiles(undefined)),
        ...Object.keys(cacheFiles({ kind: "none" })),
    ].map((name) => `registry/${name}`);
    expect(known.sort()).toEqual([...possible, "redis/redis.conf"].sort());
});
