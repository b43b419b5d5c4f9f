import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";

import { repositoryRoot } from "..";

/** A property of an interface and what its comment says. */
export interface Documented {
    /** The interface in which it stands. */
    owner: string;
    name: string;
    isOptional: boolean;
    text: string;
    default: string | undefined;
    /** The check of components/settings/is.ts that it must pass. */
    is: string | undefined;
    /** The same, of the names in a mapping. */
    names: string | undefined;
    /** As they are written: YAML or the same as JavaScript. */
    examples: string[];
}

interface Interface {
    bases: string[];
    properties: Documented[];
}

const components = path.join(repositoryRoot, "components");

/** The exported interfaces of the components by their names; Pulumi's schema has their texts, and drops the tags. */
function readInterfaces(): Map<string, Interface> {
    const files = fs
        .readdirSync(components, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(components, file));
    return new Map(
        files.flatMap((file) => {
            const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
            return source.statements
                .filter(ts.isInterfaceDeclaration)
                .filter(({ modifiers }) => modifiers !== undefined)
                .map((each) => [each.name.text, interfaceOf(each)] as const);
        }),
    );
}

function interfaceOf({ name, members, heritageClauses }: ts.InterfaceDeclaration): Interface {
    const bases = [...(heritageClauses ?? [])].flatMap(({ types }) =>
        types.map(({ expression }) => expression.getText()),
    );
    return { bases, properties: members.filter(ts.isPropertySignature).map((each) => documentedOf(name.text, each)) };
}

function documentedOf(owner: string, member: ts.PropertySignature): Documented {
    const tags = (name: string) =>
        ts
            .getJSDocTags(member)
            .filter(({ tagName }) => tagName.text === name)
            .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "");
    const [comment] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
    return {
        owner,
        name: member.name.getText(),
        isOptional: member.questionToken !== undefined,
        text: ts.getTextOfJSDocComment(comment?.comment) ?? "",
        default: tags("default")[0],
        is: tags("is")[0],
        names: tags("names")[0],
        examples: tags("example"),
    };
}

let cached: Map<string, Interface> | undefined;

/** The properties of an interface and of those that it extends, by name. */
export function documented(name: string): Map<string, Documented> {
    cached ??= readInterfaces();
    const { bases = [], properties = [] } = cached.get(name) ?? {};
    const own = properties.map((property) => [property.name, property] as const);
    return new Map([...bases.flatMap((base) => [...documented(base)]), ...own]);
}
