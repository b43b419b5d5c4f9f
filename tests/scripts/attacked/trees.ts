import * as fc from "fast-check";

import { shellQuote } from "../../../components/nas/script";

/** What somebody who may write in a shared folder can make there. */
export type Tree =
    | { kind: "file"; text: string; mode: number }
    | { kind: "directory"; mode: number; children: Record<string, Tree> }
    /** A symbolic link to a thing outside, to another name in the folder, or to nothing. */
    | { kind: "link"; to: string }
    /** A second name of a file outside; kernels of NASes allow it to people who may not even read the file. */
    | { kind: "hard link"; of: string }
    | { kind: "FIFO" }
    | { kind: "socket" };

export const kinds: Tree["kind"][] = ["file", "directory", "link", "hard link", "FIFO", "socket"];

/** What is outside of the shared folder and of our directories. */
export interface Outside {
    /** Absolute paths of regular files. */
    files: readonly string[];
    /** Absolute paths of directories and special files. */
    others: readonly string[];
}

/** Names that the scripts use in the shared folder, or once used, or may use for a moment. */
const ours = [
    ...["registry-data", "registry-data.new", "registry-data.old", "moved", "moved.new", "registry-config"],
    ...[".nas-registry", ".nas-registry.new", ".nas-registry-move", ".nas-registry-id", "run", "redis", "registry"],
    ...["docker", "v2", "repositories", "blobs", "config.yml", "redis.sock", "private-key.pem"],
];
/** Names that a script with a quote forgotten takes for something else. */
const odd = [
    ...["-rf", "--", "-", "--reference=x", " ", "a b", "a\nb", "\n", "*", "?", "[a]", "~", "$HOME", "`id`"],
    ...[
        "$(touch ran)",
        "'",
        '"',
        "\\",
        "\\n",
        ";touch ran",
        "#x",
        "ä",
        "\u202e",
        "\u001b[2J",
        "%s%n",
        "...",
        "x".repeat(255),
    ],
];
const modes = [
    0o000, 0o400, 0o444, 0o600, 0o640, 0o644, 0o700, 0o750, 0o755, 0o777, 0o1777, 0o2777, 0o4755, 0o6777, 0o7777,
];
const texts = [
    "",
    "x",
    "version: 0.1\n",
    "KEY\n",
    "sha256:ab01",
    '{"schemaVersion": 1}',
    '{"schemaVersion": 1, "name": "\u001b[2J"}',
];

/** A shared folder's content: by every name that the scripts use, and by odd ones. */
export function shares(outside: Outside): fc.Arbitrary<Record<string, Tree>> {
    const name = fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...ours) },
        { weight: 1, arbitrary: fc.constantFrom(...odd) },
    );
    const targets = [...outside.files, ...outside.others, ".", "..", "moved", "registry-data", "nothing"];
    const { tree } = fc.letrec<{ tree: Tree; directory: Tree }>((tie) => ({
        tree: fc.oneof(
            { depthSize: "small" },
            fc.record({
                kind: fc.constant("file" as const),
                text: fc.constantFrom(...texts),
                mode: fc.constantFrom(...modes),
            }),
            fc.record({ kind: fc.constant("link" as const), to: fc.constantFrom(...targets) }),
            fc.record({ kind: fc.constant("hard link" as const), of: fc.constantFrom(...outside.files) }),
            fc.constant<Tree>({ kind: "FIFO" }),
            fc.constant<Tree>({ kind: "socket" }),
            tie("directory"),
            tie("directory"),
        ),
        directory: fc.record({
            kind: fc.constant("directory" as const),
            mode: fc.constantFrom(0o700, 0o755, 0o777, ...modes),
            children: fc.dictionary(name, tie("tree"), { maxKeys: 4 }),
        }),
    }));
    // Down to where a registry keeps its images, each step of which may be something else.
    const images = fc
        .tuple(fc.constantFrom(...ways), fc.nat({ max: 9 }), tree, fc.dictionary(name, tree, { maxKeys: 2 }))
        .map(([way, depth, end, beside]): Tree => nested(way.slice(0, depth), end, beside));
    const data = fc.oneof(
        { weight: 2, arbitrary: tree },
        { weight: 2, arbitrary: images },
        { weight: 1, arbitrary: fc.constantFrom(...outside.others).map((to): Tree => ({ kind: "link", to })) },
    );
    return fc
        .record(
            { "registry-data": data, moved: data, rest: fc.dictionary(name, tree, { maxKeys: 4 }) },
            { requiredKeys: ["rest"] },
        )
        .map(({ rest, ...known }) => ({ ...rest, ...known }));
}

const v2 = ["docker", "registry", "v2"];
const ways = [
    v2,
    [...v2, "blobs", "sha256", "ab", "ab01", "data"],
    [...v2, "repositories", "team", "_manifests", "revisions", "sha256", "ab01", "link"],
    [...v2, "repositories", "a\n-rf b", "_manifests", "revisions", "sha256", "$(touch x)\nab01", "link"],
];

function nested(way: readonly string[], end: Tree, beside: Record<string, Tree>): Tree {
    const [first, ...rest] = way;
    if (first === undefined) {
        return end;
    }
    return { kind: "directory", mode: 0o755, children: { ...beside, [first]: nested(rest, end, {}) } };
}

/** Whether there is a thing of this kind anywhere in a folder. */
export function has(children: Record<string, Tree>, kind: Tree["kind"]): boolean {
    return Object.values(children).some(
        (tree) => tree.kind === kind || (tree.kind === "directory" && has(tree.children, kind)),
    );
}

/** Hard links in a folder, which only root can make where the kernel protects them: path -> file outside. */
export function hardLinks(children: Record<string, Tree>, folder: string): [path: string, of: string][] {
    return Object.entries(children).flatMap(([name, tree]): [string, string][] => {
        switch (tree.kind) {
            case "hard link":
                return [[`${folder}/${name}`, tree.of]];
            case "directory":
                return hardLinks(tree.children, `${folder}/${name}`);
            default:
                return [];
        }
    });
}

/**
 * Shell commands that make everything but the hard links in a folder.
 *
 * @param socket A socket of whoever runs them, of which they make further names.
 */
export function planting(children: Record<string, Tree>, folder: string, socket: string): string {
    return Object.entries(children)
        .map(([name, tree]) => {
            const at = shellQuote(`${folder}/${name}`);
            switch (tree.kind) {
                case "file":
                    return `printf %s ${shellQuote(tree.text)} >${at}; chmod ${tree.mode.toString(8)} ${at}\n`;
                case "link":
                    return `ln -s ${shellQuote(tree.to)} ${at}\n`;
                case "hard link":
                    return "";
                case "FIFO":
                    return `mkfifo ${at}\n`;
                case "socket":
                    return `ln ${shellQuote(socket)} ${at}\n`;
                case "directory":
                    return `mkdir ${at}\n${planting(tree.children, `${folder}/${name}`, socket)}chmod ${tree.mode.toString(8)} ${at}\n`;
            }
        })
        .join("");
}
