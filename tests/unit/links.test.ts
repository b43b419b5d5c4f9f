import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { readSchema } from "../schema";

const root = path.join(__dirname, "../..");
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\0")
    .filter((file) => file && fs.statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile());
const pages = files.filter((file) => file.endsWith(".md"));
const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
const withoutCode = (text: string) => text.replace(/^```[^]*?^```$/gm, "");

/** Headings as GitHub and Gitea make anchors of them. */
function anchors(file: string): string[] {
    const seen = new Map<string, number>();
    return [...withoutCode(read(file)).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
        const slug = heading
            .toLowerCase()
            .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
            .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
            .replaceAll(" ", "-");
        const count = seen.get(slug) ?? 0;
        seen.set(slug, count + 1);
        return count === 0 ? slug : `${slug}-${count}`;
    });
}

const linksOf = (page: string) =>
    [...withoutCode(read(page)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => link);

describe.each(pages.filter((page) => linksOf(page).length > 0))("%s", (page) => {
    const links = linksOf(page);

    test("links to files and headings that exist", () => {
        const broken = links.filter((link) => {
            const [target = "", anchor] = link.split("#");
            const file = target === "" ? page : path.posix.join(path.posix.dirname(page), target);
            return !fs.existsSync(path.join(root, file)) || (anchor !== undefined && !anchors(file).includes(anchor));
        });
        expect(broken).toEqual([]);
    });
});

test("what names a page of docs/ in its text or code names one that exists", () => {
    const named = files
        .filter((file) => !file.endsWith("package-lock.json"))
        .flatMap((file) =>
            [...read(file).matchAll(/(?<![\w/.-])docs\/[\w/-]+\.md/g)].map(([page]) => ({ file, page })),
        );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ page }) => !fs.existsSync(path.join(root, page)))).toEqual([]);
});

test("a page that a message or a description names is in the package that npm installs", () => {
    const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const [packed] = JSON.parse(
        execFileSync("npm", pack, { cwd: root, stdio: ["ignore", "pipe", "ignore"] }).toString(),
    ) as {
        files: { path: string }[];
    }[];
    const shipped = packed?.files.map((file) => file.path) ?? [];
    const named = files
        .filter((file) => /^(components\/|schema\.json)/.test(file))
        .flatMap((file) =>
            [...read(file).matchAll(/(?<![\w/.-])(?:docs\/[\w/-]+|[A-Z]{4,})\.md/g)].map(([page]) => page),
        );
    expect(named).toContain("docs/how-to/move.md");
    expect([...new Set(named)].filter((page) => !shipped.includes(page))).toEqual([]);
});

test("every page of docs/ is in its index", () => {
    const index = read("docs/README.md");
    const missing = pages.filter((page) => page.startsWith("docs/") && !index.includes(`(${page.slice(5)})`));
    expect(missing).toEqual(["docs/README.md"]);
});

test("commands that set an argument name one that exists", () => {
    const { resources } = readSchema();
    const known = Object.keys(resources["nas-registry:index:NasRegistry"]?.inputProperties ?? {});
    const named = ["Pulumi.yaml", ...pages].flatMap((page) =>
        [...read(page).matchAll(/--path '?(?:nas-registry:)?registry\.(\w+)/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
