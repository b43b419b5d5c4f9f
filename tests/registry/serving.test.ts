/** What every registry does, and one with all that the tier production has. */
import { createPrivateKey, type KeyExportOptions } from "node:crypto";

import { beforeAll, describe, expect, test } from "vitest";

import { certificateFiles, certificateProblems } from "../../components/certificates/givenCertificate";
import { fetchChain } from "../../components/certificates/serverChain";
import type { Cache } from "../../components/registry/sections/cache";
import { issue, type IssueOptions } from "../certificates";
import { selfSigned } from "./certificate";
import { pushImage } from "./image";
import { serve } from "./rendered";
import { status } from "./requests";

/** OpenSSL writes them before a key of this curve. */
const PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});

test("an image that is pushed can be pulled", async () => {
    const registry = await serve();
    const image = await pushImage(registry, "a/b", "1");
    const layer = await registry.fetch(image.layer);
    expect([layer.status, await layer.text()]).toEqual([200, image.layerContent]);
});

describe("a certificate as authorities deliver it", () => {
    const now = new Date();
    const bundled = async (key: NonNullable<IssueOptions["key"]>) => {
        const root = await issue("Root", { authority: true });
        const intermediate = await issue("Intermediate", { authority: true, issuer: root });
        const server = await issue("registry", { key, issuer: intermediate, names: ["127.0.0.1"] });
        return { root, intermediate, server };
    };

    test.each<[string, NonNullable<IssueOptions["key"]>, "pkcs8" | "pkcs1" | "sec1", (text: string) => string]>([
        ["RSA, PKCS #8, Windows' line ends", "rsa", "pkcs8", (text) => text.replaceAll("\n", "\r\n")],
        ["RSA, PKCS #1, attributes", "rsa", "pkcs1", (text) => text.replace(/^(?=-----BEGIN)/gm, "Bag Attributes\n")],
        ["ECDSA, SEC 1, its parameters", "ecdsa", "sec1", (text) => `${PARAMETERS}${text}`],
        ["ECDSA, PKCS #8, one line", "ecdsa", "pkcs8", (text) => text.replaceAll("\n", "\\n")],
        ["P-384, SEC 1, a byte order mark", "p384", "sec1", (text) => `\uFEFF${text}`],
        ["P-521", "p521", "pkcs8", (text) => text],
        ["Ed25519", "ed25519", "pkcs8", (text) => text],
    ])("%s: is served in its order", async (_, kind, type, form) => {
        const { root, intermediate, server } = await bundled(kind);
        const key = createPrivateKey(server.privateKey).export({ format: "pem", type } as KeyExportOptions<"pem">);
        const given = {
            certificate: form([root, intermediate, server, root].map(({ certificate }) => certificate).join("")),
            privateKey: form(key.toString()),
            caCertificate: root.certificate,
        };
        expect(certificateProblems(given, ["127.0.0.1"], now).errors).toEqual([]);
        const { caCertificate, ...files } = certificateFiles(given, now);
        const registry = await serve({ args: { tls: "given" }, certificate: files, ca: caCertificate });
        expect(await status(registry, "/v2/")).toBe(200);
        const shown = await fetchChain("127.0.0.1", Number(new URL(registry.url).port));
        expect(shown.map(String)).toEqual([server.certificate, intermediate.certificate]);
    });
});

test("the tier production serves an image over TLS, to the user alone, also while Redis is away", async () => {
    const users = [{ name: "admin", password: "correct horse" }];
    const cache: Cache = { kind: "external", redis: { addresses: ["127.0.0.1:1"] } };
    const registry = await serve({ args: { tier: "production", tls: "given" }, users, certificate, cache });
    const { layer } = await pushImage(registry, "a", "1", { user: "admin:correct horse" });
    expect(registry.url).toMatch(/^https:/);
    expect(await status(registry, layer, "admin:correct horse")).toBe(200);
    expect(await status(registry, layer)).toBe(401);
});
