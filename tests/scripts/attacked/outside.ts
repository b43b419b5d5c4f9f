import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { owner } from "../registryFiles";
import type { Outside } from "./trees";

const root = { uid: 0, gid: 0 };
const person = { uid: 1030, gid: 100 };
const registry = { uid: owner, gid: owner };

/** Makes one of every kind, of root and of another person, that no registry has to do with. */
export function makeOutside(directory: string): Outside {
    const give = (at: string, mode: number, { uid, gid }: typeof root) => {
        fs.chownSync(at, uid, gid);
        fs.chmodSync(at, mode);
        return at;
    };
    const file = (name: string, mode: number, owner: typeof root) => {
        const at = path.join(directory, name);
        fs.writeFileSync(at, `canary ${name}\n`);
        return give(at, mode, owner);
    };
    const folder = (name: string, mode: number, owner: typeof root) => {
        const at = path.join(directory, name);
        // As a registry's, so that nothing is refused for its looks.
        fs.mkdirSync(path.join(at, "docker/registry/v2/repositories"), { recursive: true });
        file(`${name}/inside`, 0o644, owner);
        return give(at, mode, owner);
    };
    const fifo = (name: string) => {
        const at = path.join(directory, name);
        execFileSync("mkfifo", ["-m", "600", at]);
        return at;
    };
    fs.mkdirSync(directory);
    return {
        files: [
            file("shadow", 0o640, root),
            file("passwd", 0o644, root),
            file("notes", 0o666, root),
            file("program", 0o4755, root),
            file("diary", 0o600, person),
            file("config.yml", 0o600, root),
        ],
        others: [
            folder("etc", 0o755, root),
            folder("root", 0o700, root),
            folder("home", 0o755, person),
            folder("open", 0o777, root),
            // Another registry's images, which have the same owner.
            folder("other", 0o700, registry),
            fifo("fifo"),
        ],
    };
}

/** One line for everything below a directory, with what root could have changed. */
export function walk(directory: string): string[] {
    return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
        const at = path.join(directory, entry.name);
        const { mode, uid, gid, size, mtimeMs, ino } = fs.lstatSync(at);
        const text = entry.isFile() ? fs.readFileSync(at, "latin1") : entry.isSymbolicLink() ? fs.readlinkSync(at) : "";
        const content = text.length > 200 ? createHash("sha256").update(text).digest("hex") : text;
        const line = [
            JSON.stringify(at),
            mode.toString(8),
            `${uid}:${gid}`,
            size,
            mtimeMs,
            ino,
            JSON.stringify(content),
        ];
        return [line.join(" "), ...(entry.isDirectory() ? walk(at) : [])];
    });
}
