import { execFileSync } from "node:child_process";

import { parse } from "yaml";

import { type Cache } from "../../components/registry/sections/cache";
import { renderConfig } from "../../components/registry/sections/rendered";
import { extraConfigProblems } from "../../components/registry/sections/extraConfig";
import type { PlainArgs } from "../../components/registry/sections";
import { findProblems, withDefaults } from "../../components/registry/settings";

export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";

/** The arguments that must be given. */
export const required: PlainArgs = { vendor: "synology", connection: { host: "diskstation.local", hostKey } };

/** For diskstation.local, signed by itself; new at every run, and made at once, which Node.js' own cryptography cannot. */
const pair = execFileSync(
    "openssl",
    [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"],
        ...["-subj", "/CN=diskstation.local", "-addext", "subjectAltName=DNS:diskstation.local"],
        ...["-keyout", "-", "-out", "-"],
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
);
const certificateStart = pair.indexOf("-----BEGIN CERTIFICATE-----");
export const certificatePem = pair.slice(certificateStart);
export const privateKeyPem = pair.slice(0, certificateStart);

/** What is wrong with the required arguments and these, a line each. They may have any type, as in JavaScript. */
export function problemsOf(args: object): string {
    const all = { ...required, ...args };
    return findProblems(all, "registry").join("\n");
}

/** The config.yml of the required arguments and these, read back; one key that distribution does not know, and it throws. */
export function configOf(args: Partial<PlainArgs>, cache: Cache = { kind: "inmemory" }): unknown {
    const problems = problemsOf(args);
    const text = renderConfig(withDefaults("registry", { ...required, ...args }), {
        httpSecret: "0".repeat(64),
        ...args,
        cache,
    });
    // What it consists of is what arguments set, and so not for extraConfig.
    const unknownKeys = extraConfigProblems(text)
        .filter((problem) => !problem.includes("is not for extraConfig"))
        .join("\n");
    if (problems || unknownKeys) {
        throw new Error(`${problems}\n${unknownKeys}\n${text}`);
    }
    return parse(text);
}
