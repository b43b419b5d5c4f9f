import * as fs from "node:fs";

import { expect, test } from "vitest";

import { asOwnerReads } from "../owner";

const page = fs.readFileSync("docs/operations/replication.md", "utf8");
const snippet = (kind: string, sign: string) =>
    [...page.matchAll(/```(\w+)\n([^]*?)```/g)].find(([, of, text]) => of === kind && text?.includes(sign))?.[2] ?? "";
const [first, second] = ["nas-a.lan:9160", "nas-b.lan:9160"];

test("the page's registries.yaml lets k3s pull from the second what the first does not give", async () => {
    const read = await asOwnerReads("registries.yaml", snippet("yaml", "mirrors:"));
    expect(JSON.stringify(read)).toContain(JSON.stringify([`https://${first}`, `https://${second}`]));
});

test("the page's registries.conf lets Podman pull from the second", async () => {
    const read = JSON.stringify(await asOwnerReads("registries.conf", snippet("toml", "[[registry.mirror]]")));
    expect(read).toContain(first);
    expect(read).toContain(second);
});
