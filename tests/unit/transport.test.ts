import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import { hostKey } from "./arguments";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-home-"));
vi.mock("node:os", async (original) => ({ ...(await original<typeof os>()), userInfo: () => ({ homedir: home }) }));

const record = path.join(home, "record");
const transports = path.join(home, ".nas-registry");
let write: (id: string) => string;

// Files share their modules: this one needs the component with the mock, and the next one without.
beforeAll(async () => {
    vi.resetModules();
    const { writeTransportFiles } = await import("../../components/nas/transport");
    write = (id) => writeTransportFiles(id, "PRIVATE KEY", { host: "nas", port: 22, user: "root", hostKey });
});
afterAll(() => vi.resetModules());
beforeEach(() => fs.mkdirSync(home, { recursive: true }));
afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    fs.rmSync(home, { recursive: true });
});

test("the key is for its owner alone, also one that others could read", () => {
    const key = path.join(transports, "0123456789ab", "key");
    for (const _ of ["made", "made again"]) {
        expect(write("0123456789ab")).toBe("~/.nas-registry/0123456789ab");
        expect(fs.readFileSync(key, "utf8")).toBe("PRIVATE KEY");
        expect(fs.statSync(key).mode & 0o777).toBe(0o600);
        expect(fs.statSync(path.dirname(key)).mode & 0o777).toBe(0o700);
        fs.chmodSync(key, 0o644);
    }
});

test("outside of a job nothing is recorded", () => {
    write("0123456789ab");
    expect(fs.readdirSync(home)).toEqual([".nas-registry"]);
});

test("a job is told of the directories that it has made, and of those alone", () => {
    write("0123456789ab");
    vi.stubEnv("NAS_REGISTRY_TRANSPORTS", record);
    write("0123456789ab");
    write("ba9876543210");
    write("ba9876543210");
    expect(fs.readFileSync(record, "utf8")).toBe(`${transports}/ba9876543210\n`);
    expect(fs.statSync(record).mode & 0o777).toBe(0o600);
});

test("a job that makes the first one is told of the directory around it, too, behind what is in it", () => {
    vi.stubEnv("NAS_REGISTRY_TRANSPORTS", record);
    write("0123456789ab");
    expect(fs.readFileSync(record, "utf8")).toBe(`${transports}/0123456789ab\n${transports}\n`);
});

test("a preview writes no key in a job, and does outside of one, since it may refresh", () => {
    vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    vi.stubEnv("NAS_REGISTRY_TRANSPORTS", record);
    expect(write("0123456789ab")).toBe("~/.nas-registry/0123456789ab");
    expect(fs.readdirSync(home)).toEqual([]);
    vi.stubEnv("NAS_REGISTRY_TRANSPORTS", undefined);
    write("0123456789ab");
    expect(fs.existsSync(path.join(transports, "0123456789ab", "key"))).toBe(true);
});
