import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { ensureReaders } from "../../toolchain/goPrograms";
import { capture } from "../../toolchain/process";

export type OwnedFile = "daemon.json" | "config.json" | "registries.yaml" | "buildkitd.toml" | "registries.conf";

/**
 * What the program that a file is for understands of it, by that program's own library; undefined where it refuses the file.
 * @param beside Of registries.conf.d.
 */
export async function asOwnerReads<T = Record<string, unknown>>(
    kind: OwnedFile,
    text: string | Buffer,
    beside: Record<string, string> = {},
): Promise<T | undefined> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-owner-"));
    try {
        const file = path.join(directory, kind);
        fs.writeFileSync(file, text);
        fs.mkdirSync(`${file}.d`);
        Object.entries(beside).forEach(([name, each]) => fs.writeFileSync(path.join(`${file}.d`, name), each));
        const { code, stdout } = await capture(await ensureReaders(), [kind, file], { env: { HOME: directory } });
        return code === 0 ? (JSON.parse(stdout) as T) : undefined;
    } finally {
        fs.rmSync(directory, { recursive: true, force: true });
    }
}
