import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { withDefaults, type Settings } from "../../components/registry/settings";
import { required } from "./arguments";

/** A property of an interface `…Args` with what its JSDoc says is its default. */
interface Documented {
    owner: string;
    name: string;
    isOptional: boolean;
    default: string | undefined;
}

const components = path.join(__dirname, "..", "..", "components");
const documented = fs
    .readdirSync(components, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => documentedIn(path.join(components, file)));

function documentedIn(file: string): Documented[] {
    const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    return source.statements
        .filter(ts.isInterfaceDeclaration)
        .filter(({ name, modifiers }) => name.text.endsWith("Args") && modifiers !== undefined)
        .flatMap(({ name: owner, members }) =>
            members.filter(ts.isPropertySignature).map((member) => {
                const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
                return {
                    owner: owner.text,
                    name: member.name.getText(),
                    isOptional: member.questionToken !== undefined,
                    default: ts.getTextOfJSDocComment(tag?.comment),
                };
            }),
        );
}

/** Interfaces that the arguments of a registry and a mirror are put together from, and these themselves. */
const sections = documentedOwners(path.join(components, "registry", "sections", "index.ts"));

function documentedOwners(file: string): string[] {
    const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    return source.statements
        .filter(ts.isInterfaceDeclaration)
        .filter(({ name }) => /^(Common|NasRegistry|NasMirror)Args$/.test(name.text))
        .flatMap(({ name, heritageClauses = [] }) => [
            name.text,
            ...heritageClauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText())),
        ]);
}

/** Interfaces of the public arguments, by what they come to when nothing is given. */
const defaults = (args: object): Record<string, object | undefined> => {
    const settings = withDefaults("registry", { ...required, ...args });
    const { metrics } = withDefaults("registry", { ...required, metrics: { address: "10.0.0.5" } });
    return {
        ...Object.fromEntries(sections.map((name) => [name, asGiven(settings)])),
        SshConnectionArgs: settings.endpoint,
        UploadPurgingArgs: settings.uploadPurging,
        MetricsArgs: metrics,
    };
};

/** With units, as arguments have them. */
const asGiven = ({ memory, redisMemory, drainTimeout, ...others }: Settings) => ({
    ...others,
    memory: memory === 0 ? "0" : `${memory / 1024}g`,
    redisMemory: `${redisMemory}m`,
    drainTimeout: `${drainTimeout}s`,
});

const schema = fs.readFileSync(path.join(components, "..", "schema.json"), "utf8");
const isPublic = ({ owner }: Documented) => sections.includes(owner) || schema.includes(`:${owner}"`);

test("every optional argument says its default, and no other one does", () => {
    const all = documented.filter(isPublic);
    expect(all.length).toBeGreaterThan(100);
    const wrong = all.filter((each) => each.isOptional !== (each.default !== undefined));
    expect(wrong.map(({ owner, name }) => `${owner}.${name}`)).toEqual([]);
});

/** A literal, alone or with words behind a comma. */
const LITERAL = /^("[^"]*"|-?[\d.]+|true|false|\{.*\}|\[.*\])(?=$|,)/;

describe("a default that is written as a literal is the one in force", () => {
    const literals = documented.flatMap(({ owner, name, default: text = "" }) => {
        const found = owner in defaults({}) ? LITERAL.exec(text)?.[1] : undefined;
        // No settings themselves: they decide what others come to, or which resources there are.
        return found === undefined || ["tier", "redirect", "registryList", "daemonTrust", "daemonMirror"].includes(name)
            ? []
            : [{ owner, name, found, text }];
    });

    test("of which there are some", () => expect(literals.length).toBeGreaterThan(20));

    test.each(literals)("$owner $name is $found", ({ owner, name, found }) => {
        expect(defaults({})[owner]).toHaveProperty(name, parse(found));
    });

    test.each(literals.filter(({ text }) => text.includes("in the tier `basic`")))(
        "$owner $name of the tier basic: $text",
        ({ owner, name, text }) => {
            const basic = /(?:and|,) (\S+) in the tier `basic`/.exec(text)?.[1] ?? "";
            expect(defaults({ tier: "basic" })[owner]).toHaveProperty(name, parse(basic));
        },
    );
});
