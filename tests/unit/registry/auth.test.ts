import { describe, expect, test } from "vitest";

import { configFiles } from "../../../components/registry/sections/rendered";
import { withDefaults } from "../../../components/registry/settings";
import { certificatePem, configOf, privateKeyPem, problemsOf, required } from "../arguments";

const bare = { realm: "https://auth.lan/token", service: "nas", issuer: "auth.lan" };
const server = {
    ...bare,
    jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
};
const withToken = (more: object) => ({ auth: "token" as const, token: { ...server, ...more } });

describe("config.yml", () => {
    test("htpasswd", () =>
        expect(configOf({})).toMatchObject({
            auth: { htpasswd: { realm: "nas-registry", path: "/etc/distribution/htpasswd" } },
        }));

    test("none", () => expect(configOf({ auth: "none" })).not.toHaveProperty("auth"));

    test.each<[object, object]>([
        [{ rootCertificates: certificatePem }, { rootcertbundle: "/etc/distribution/token-certificates.pem" }],
        [
            {
                jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
            },
            { jwks: "/etc/distribution/token-jwks.json" },
        ],
        [{ signingAlgorithms: ["ES256"] }, { signingalgorithms: ["ES256"] }],
        [{ autoRedirect: false }, {}],
        [{ autoRedirect: true }, { autoredirect: true, autoredirectpath: "/auth/token" }],
        [
            { autoRedirect: true, autoRedirectPath: "/token" },
            { autoredirect: true, autoredirectpath: "/token" },
        ],
    ])("token with %j", (more, rendered) => {
        const files = { jwks: "/etc/distribution/token-jwks.json" };
        expect(configOf(withToken(more))).toHaveProperty("auth", { token: { ...bare, ...files, ...rendered } });
    });
});

test("the token server's certificates and keys are files", () => {
    const token = { ...server, rootCertificates: "PEM", jwks: "JWKS" };
    const secrets = { httpSecret: "", cache: { kind: "none" }, token } as const;
    expect(configFiles(withDefaults("registry", required), secrets)).toMatchObject({
        "token-certificates.pem": "PEM",
        "token-jwks.json": "JWKS",
    });
});

describe("what is refused", () => {
    test.each<[object, string]>([
        [{ auth: "silly" }, `auth: "silly" is not allowed; it must be one of htpasswd, token, none.`],
        [{ auth: "token" }, "token: it is missing; auth token needs it."],
        // The registry does not start without keys.
        [
            { auth: "token", token: bare },
            "token: rootCertificates and jwks are both missing; give what the tokens' signatures are checked with.",
        ],
        [{ token: server }, "token: it is used with auth token only; set that, or leave token out."],
        [
            { auth: "none", users: [{ name: "anna" }] },
            "users: they are used with auth htpasswd only, and auth is none; set that, or leave users out.",
        ],
        [
            { tier: "basic", users: [{ name: "anna" }] },
            "users: they are used with auth htpasswd only, and auth is none; set that, or leave users out.",
        ],
        [{ users: [] }, "users: [] is not allowed; give at least one user, or set auth to none."],
        [
            { users: [{ name: "anna" }, { name: "anna" }] },
            `users[1].name: "anna" is given twice; each user has one entry.`,
        ],
        ...["s3cret7", "s3cret".repeat(13), "s3cret\nroot"].map((password): [object, string] => [
            { users: [{ name: "anna", password }] },
            "users[0].password: the value given is not allowed; it must be 8 to 72 bytes on one line.",
        ]),
        [
            withToken({ realm: "auth.lan" }),
            `token.realm: "auth.lan" is not allowed; it must be an http or https URL without user name and password.`,
        ],
        [
            withToken({ realm: "https://nas:s3cret@auth.lan" }),
            "token.realm: the value given is not allowed; it must be an http or https URL without user name and password.",
        ],
        [
            withToken({ realm: "http://auth.lan" }),
            "token.realm: an http URL is not allowed with tls own-authority, since clients would send passwords there in the clear; give an https URL, or set tls to none.",
        ],
        [{ ...withToken({ realm: "http://auth.lan" }), tls: "none" }, ""],
        [withToken({ service: "" }), `token.service: "" is not allowed; it must be a name.`],
        [withToken({ issuer: "" }), `token.issuer: "" is not allowed; it must be a name.`],
        [
            withToken({ rootCertificates: privateKeyPem }),
            "token.rootCertificates: the value given is a private key; it must be PEM of certificates.",
        ],
        [
            withToken({ jwks: '{"keys": [{"kty": "EC"}]}' }),
            "token.jwks: the value given is not allowed; it must be a JSON Web Key Set with at least one public key.",
        ],
        [
            withToken({ jwks: "[]" }),
            "token.jwks: the value given is not allowed; it must be a JSON Web Key Set with at least one public key.",
        ],
        [
            withToken({ signingAlgorithms: "ES256" }),
            "token.signingAlgorithms: the value given is not allowed; it must be a list.",
        ],
        // The registry does not start with an algorithm that it does not know.
        [
            withToken({ signingAlgorithms: ["ES256", "es256"] }),
            `token.signingAlgorithms[1]: "es256" is not allowed; it must be one of EdDSA, HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512.`,
        ],
        [
            withToken({ autoRedirect: "no" }),
            "token.autoRedirect: the value given is not allowed; it must be true or false.",
        ],
        [
            withToken({ autoRedirectPath: "token" }),
            `token.autoRedirectPath: "token" is not allowed; it must be a path such as /auth/token.`,
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
