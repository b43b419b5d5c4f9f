import * as fs from "node:fs";
import * as path from "node:path";

/** What a check says: findings, or why it could not look. */
type Said = string[] | { problem: string };

export const said = ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): Said =>
    code === 0 && stderr === "" ? stdout.split("\n").filter(Boolean) : { problem: stderr };

/** Everything below a directory but what tests keep there, as text that can be compared. */
export function snapshot(directory: string): Record<string, string> {
    const files = fs.readdirSync(directory, { recursive: true, encoding: "utf8" });
    return Object.fromEntries(
        files.map((name) => {
            const { mode, mtimeMs, ino } = fs.lstatSync(path.join(directory, name));
            return [name, `${mode} ${ino} ${fs.lstatSync(path.join(directory, name)).isFile() ? mtimeMs : ""}`];
        }),
    );
}
