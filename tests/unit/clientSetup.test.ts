import * as fs from "node:fs";
import * as path from "node:path";

import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Language, Parser, type Node } from "web-tree-sitter";

import { authoritiesIn, isRoot } from "../../components/certificates/pem";
import {
    clientKinds,
    powerShellQuote,
    renderClientSetup,
    renderClientUndo,
} from "../../components/clients/clientSetup";
import { issue } from "../certificates";
import { caCertificate, otherCaCertificate, publicAuthorities } from "../publicAuthorities";

const withoutColons = (text: string) => text.replaceAll(":", "");

describe("a file of several certificates", () => {
    const bundle = `# $(reboot)\n${caCertificate}Bag Attributes: x\n${otherCaCertificate}${caCertificate}# end`;

    test("is all of its certificates, each once, and no other text", () => {
        const pems = authoritiesIn(bundle).map(String);
        expect(pems).toEqual([caCertificate, otherCaCertificate]);
        for (const script of Object.values(renderClientSetup("nas:9160", { caCertificate: bundle }))) {
            expect(script).toContain(`'${caCertificate}${otherCaCertificate}'\n`);
            expect(script).not.toMatch(/reboot|Bag/);
        }
    });

    test("has all of its fingerprints shown by every kind of client", () => {
        const fingerprints = authoritiesIn(bundle).map((each) => each.fingerprint256);
        expect(withoutColons(fingerprints.join())).toMatch(/^[0-9A-F]{64},[0-9A-F]{64}$/);
        const shown = `have the SHA-256 fingerprints ${fingerprints.join(", ")}.'`;
        for (const script of Object.values(renderClientSetup("nas:9160", { caCertificate: bundle }))) {
            expect(script).toContain(shown);
        }
    });

    test("one of which cannot be read is refused", () => {
        const broken = `${caCertificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
        expect(() => authoritiesIn(broken)).toThrow();
    });

    test("says which are roots", async () => {
        const intermediate = await issue("Intermediate", {
            authority: true,
            issuer: await issue("Root", { authority: true }),
        });
        const roots = authoritiesIn(publicAuthorities.join("") + intermediate.certificate).map(isRoot);
        expect(roots).toEqual([...publicAuthorities.map(() => true), false]);
    });
});

test("every kind of client gets a script of its own with the registry and the certificate in it", () => {
    const scripts = Object.values(renderClientSetup("nas:9160", { caCertificate }));
    expect(new Set(scripts).size).toBe(clientKinds.length);
    for (const script of scripts) {
        expect(script).toContain("'nas:9160'");
        expect(script).toContain(caCertificate);
    }
});

test.each(["how-to/clients.md", "reference/clients.md"])("docs/%s has every kind of client", (page) => {
    const text = fs.readFileSync(path.join(__dirname, "../../docs", page), "utf8");
    const [first = ""] = text.split(/\n\n(?!\|)/).filter((block) => /^\| kind /m.test(block));
    const kinds = [...first.matchAll(/^\| `(\w+)` /gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(clientKinds);
});

test("a client of a registry without TLS gets no certificate", () => {
    const scripts = Object.values(renderClientSetup("nas:9160", { insecure: true }));
    for (const script of scripts) {
        expect(script).toMatch(/(ca_certificate=|\$caCertificate = )''\n/);
    }
});

test("an insecure mirror of Docker Hub is not for an engine's mirrors, and whoever sets one up is told", () => {
    const hint = "among an engine'\\''s registry-mirrors";
    expect(renderClientSetup("nas:9161", { insecure: true, ofDockerHub: true }).linux).toContain(hint);
    expect(renderClientSetup("nas:9161", { insecure: true }).linux).not.toContain(hint);
});

/** There is no PowerShell where the tests run: a grammar reads the script, and nothing runs it. */
describe("the PowerShell script", () => {
    let parser: Parser;
    beforeAll(async () => {
        await Parser.init();
        const grammar = path.join(require.resolve("tree-sitter-powershell/package.json"), "..");
        parser = new Parser().setLanguage(await Language.load(path.join(grammar, "tree-sitter-powershell.wasm")));
    });

    const tree = (script: string): Node => {
        const root = parser.parse(script)?.rootNode;
        if (!root) {
            throw new Error("nothing was parsed");
        }
        return root;
    };

    test.each([{ caCertificate }, { insecure: true }])("is free of syntax errors: %j", (trust) => {
        expect(tree(renderClientSetup("nas:9160", trust).windows).hasError).toBe(false);
    });

    test("with a brace less is not: the grammar sees errors", () => {
        const script = fs.readFileSync(path.join(__dirname, "../../components/clients/kinds/windows.ps1"), "utf8");
        expect(tree(script.slice(0, script.lastIndexOf("}"))).hasError).toBe(true);
    });

    const { windows } = renderClientSetup("nas:9160", { insecure: true });
    const undo = renderClientUndo("nas:9160", "windows");

    test("that takes back a setup is free of syntax errors, too, and has the registry's name alone", () => {
        expect(tree(undo).hasError).toBe(false);
        expect(undo).toMatch(
            /^\$registry = 'nas:9160'\n\$trust = ''\n\$caCertificate = ''\n\$said = 'no longer trusts nas:9160\.'\n#/,
        );
    });

    test("calls no function that it does not define or that is not PowerShell's own", () => {
        const root = tree(windows);
        const texts = (type: string) => new Set(root.descendantsOfType(type).map((node) => node.text));
        const known =
            "Add-Member ConvertFrom-Json ConvertTo-Json Copy-Item ForEach-Object Get-Item Join-Path Move-Item New-Item New-Object Out-Null Remove-Item Select-Object Set-StrictMode Split-Path Test-Path Where-Object Write-Output";
        const defined = [...texts("function_name")];
        const called = [...texts("command_name")].filter((name) => /^[A-Z]/.test(name));
        expect(called.filter((name) => !defined.includes(name) && !known.split(" ").includes(name))).toEqual([]);
        expect(defined.filter((name) => !called.includes(name))).toEqual([]);
    });

    test("holds any text as one string literal", () => {
        const text = fc.string({ unit: fc.constantFrom("'", "’", "‘", "$", '"', "`", "@", "\n", "a", "(", "#", "{") });
        fc.assert(
            fc.property(text, (value) => {
                const quoted = powerShellQuote(value);
                // PowerShell's rule: a pair of quotes of any kind is the second one of it.
                expect(quoted.slice(1, -1).replace(/['‘-‛](['‘-‛])/g, "$1")).toBe(value);
                expect(quoted.slice(1, -1).replace(/['‘-‛]{2}/g, "")).not.toMatch(/['‘-‛]/);
            }),
        );
    });
});
