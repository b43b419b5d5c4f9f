import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { clientKinds } from "../../components/clients/clientSetup";

const page = fs.readFileSync(path.join(__dirname, "../../docs/how-to/clients.md"), "utf8");

/** The commands of each part of the page, by its heading. */
const parts = page
    .split(/^##+ /m)
    .slice(1)
    .map((part) => ({
        title: part.split("\n")[0] ?? "",
        commands: [...part.matchAll(/^```\w*\n([^]*?)^```/gm)].map(([, code = ""]) => code).join(""),
    }));
const ofClients = parts.filter(({ commands }) => commands.includes("client-setup"));

test("there is a part for every kind of client", () => {
    const shown = ofClients.flatMap(({ commands }) => /client-setup (\w+)/.exec(commands)?.[1] ?? []);
    expect(shown.sort()).toEqual([...clientKinds].sort());
});

describe.each(ofClients)("$title", ({ commands }) => {
    test("begins with trust, and ends with a login and a pull", () => {
        const [trust, login, pull] = [/client-setup/, /\blogin\b/, /\bpull\b(?![^]*\blogin\b)/].map((step) =>
            commands.search(step),
        );
        expect(trust).toBeGreaterThanOrEqual(0);
        expect(login).toBeGreaterThan(trust ?? 0);
        expect(pull).toBeGreaterThan(login ?? 0);
    });
});

test.each(["The NAS itself", "Linux hosts of your program"])("%s ends with a pull, too", (title) => {
    const { commands = "" } = parts.find((part) => part.title === title) ?? {};
    expect(commands).toMatch(/docker pull [^\n]+\n$/);
});
