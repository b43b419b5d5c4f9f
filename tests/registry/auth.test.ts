/** Who is let in. */
import { generateKeyPairSync, sign } from "node:crypto";

import { describe, expect, test } from "vitest";

import { serve } from "./rendered";
import { status } from "./requests";

describe("auth", () => {
    const users = [
        { name: "admin", password: "correct horse" },
        { name: "ci", password: "battery staple" },
    ];
    const withUsers = () => serve({ args: { auth: "htpasswd" }, users });

    test("htpasswd: every user is let in", async () => {
        const registry = await withUsers();
        for (const { name, password } of users) {
            expect(await status(registry, "/v2/", `${name}:${password}`)).toBe(200);
        }
    });

    test("htpasswd: nobody else is", async () => {
        const registry = await withUsers();
        expect(await status(registry, "/v2/")).toBe(401);
        expect(await status(registry, "/v2/", "admin:battery staple")).toBe(401);
    });

    describe("token", () => {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const jwks = JSON.stringify({
            keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "ES256" }],
        });
        const withTokens = () =>
            serve({
                args: { auth: "token" },
                token: { realm: "https://auth.example.com/token", service: "nas", issuer: "auth", jwks },
            });
        const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const tokenOf = (issuer: string) => {
            const now = Math.floor(Date.now() / 1000);
            const claims = {
                iss: issuer,
                aud: "nas",
                sub: "ci",
                exp: now + 60,
                nbf: now - 60,
                iat: now,
                jti: "1",
                access: [],
            };
            const text = `${base64({ typ: "JWT", alg: "ES256", kid: "k1" })}.${base64(claims)}`;
            return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
        };

        test("clients are sent to the token server", async () => {
            const response = await (await withTokens()).fetch("/v2/");
            expect([response.status, response.headers.get("www-authenticate")]).toEqual([
                401,
                'Bearer realm="https://auth.example.com/token",service="nas"',
            ]);
        });

        test.each([
            ["auth", 200],
            ["somebody else", 401],
        ])("a token of %s is answered with %i", async (issuer, expected) => {
            const registry = await withTokens();
            const response = await registry.fetch("/v2/", { headers: { authorization: `Bearer ${tokenOf(issuer)}` } });
            expect(response.status).toBe(expected);
        });
    });

    test("none: everybody is let in", async () => {
        expect(await status(await serve({ args: { auth: "none" } }), "/v2/")).toBe(200);
    });
});
