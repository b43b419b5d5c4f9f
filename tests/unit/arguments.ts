import { parse } from "yaml";

import { type Cache } from "../../components/registry/cache";
import { renderConfig } from "../../components/registry/config";
import { extraConfigProblems } from "../../components/registry/extraConfig";
import { withDefaults } from "../../components/settings";
import { findProblems, type PlainArgs } from "../../components/validation";

export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";

/** The arguments that must be given. */
export const required: PlainArgs = { vendor: "synology", connection: { host: "diskstation.local", hostKey } };

/** For diskstation.local, signed by itself, until 2126. */
export const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBrDCCAVOgAwIBAgIUe7QCJ44QXrja/HQAh5/dCvRueikwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRZGlza3N0YXRpb24ubG9jYWwwIBcNMjYxMTIyMDEwNjI1WhgP
MjEyNjEwMjkwMTA2MjVaMBwxGjAYBgNVBAMMEWRpc2tzdGF0aW9uLmxvY2FsMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIzfzq7jpTHnv5+HGrm7lTHuTEbbS/NiJ
/NtmLLOyQsrgwQecSRK2TdQzOSO1/DVLB0DHhJsYiosIXG8/t0Pzx6NxMG8wHQYD
VR0OBBYEFOFM2UDjCNsDBfNS87J+PYPDAdR5MB8GA1UdIwQYMBaAFOFM2UDjCNsD
BfNS87J+PYPDAdR5MA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRZGlza3N0
YXRpb24ubG9jYWwwCgYIKoZIzj0EAwIDRwAwRAIgJggo43RG6+6y0qPLv7PcAyxb
ZehgdJDhwKUj2Q5HN1MCIBWL/dUNCjZf2KeXkCw1g1sn9Tb78m0ALeCzljugSAi1
-----END CERTIFICATE-----
`;
export const privateKeyPem = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcaI2gr+z9Ob5ckvp
e0isd+fpdLM4zKFp97ja5g2fBuihRANCAAQjN/OruOlMee/n4caubuVMe5MRttL8
2In822Yss7JCyuDBB5xJErZN1DM5I7X8NUsHQMeEmxiKiwhcbz+3Q/PH
-----END PRIVATE KEY-----
`;

/** What is wrong with the required arguments and these, a line each. They may have any type, as in JavaScript. */
export function problemsOf(args: object): string {
    const all = { ...required, ...args };
    return findProblems(all, new Set(Object.keys(all)), "registry").join("\n");
}

/** The config.yml of the required arguments and these, read back; one key that distribution does not know, and it throws. */
export function configOf(args: Partial<PlainArgs>, cache: Cache = { kind: "inmemory" }): unknown {
    const problems = problemsOf(args);
    const text = renderConfig(withDefaults("registry", { ...required, ...args }), {
        httpSecret: "0".repeat(64),
        ...args,
        cache,
    });
    const unknownKeys = extraConfigProblems(text).join("\n");
    if (problems || unknownKeys) {
        throw new Error(`${problems}\n${unknownKeys}\n${text}`);
    }
    return parse(text);
}
