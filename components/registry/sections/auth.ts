import type * as pulumi from "@pulumi/pulumi";

import { CONFIG_MOUNT } from "./container";
import { checkStaysEncrypted } from "./http";
import { checkNeeds, type Plain, section } from "./section";
import type { TlsArgs } from "./tls";

/** How clients prove who they are. */
export const AuthMode = {
    /** Users with passwords. Every user may pull, push and delete. */
    Htpasswd: "htpasswd",
    /** Tokens of a server of yours, in `token`; rights are what the tokens say. */
    Token: "token",
    /** Not at all: whoever reaches the port may pull, push and, where deletes are on, delete. */
    None: "none",
} as const;
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** A user of the registry. */
export interface UserArgs {
    /** Name: letters, digits and . _ @ -, the first a letter or digit. @is userName */
    name: pulumi.Input<string>;
    /** Password, 8 to 72 bytes; always kept secret. @default 32 letters and digits, generated once @is secret password */
    password?: pulumi.Input<string>;
    /** Any text; another text gives a generated password anew. Nothing restarts. @default "" @example "2026-11" */
    rotation?: pulumi.Input<string>;
}

/** A token server, as the registry's `auth.token` describes it. */
export interface TokenAuthArgs {
    /** URL of the token server, where clients get their tokens. @is webUrl */
    realm: pulumi.Input<string>;
    /** Name of this registry at the token server. @is name */
    service: pulumi.Input<string>;
    /** Issuer that tokens must name. @is name */
    issuer: pulumi.Input<string>;
    /** PEM of the certificates whose keys sign tokens. Either this or `jwks`. @default none @is secret certificates */
    rootCertificates?: pulumi.Input<string>;
    /** JSON Web Key Set, JSON text, whose keys sign tokens. @default none @is secret keySet */
    jwks?: pulumi.Input<string>;
    /**
     * Signature algorithms that are accepted. @default all of these @example ["ES256"]
     * @is oneOf EdDSA HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512
     */
    signingAlgorithms?: pulumi.Input<pulumi.Input<string>[]>;
    /** Sends clients to `autoRedirectPath` on the registry's own host in place of `realm`. @default false */
    autoRedirect?: pulumi.Input<boolean>;
    /** Path of the token server on that host. @default "/auth/token" @is like /^\// a path such as /auth/token */
    autoRedirectPath?: pulumi.Input<string>;
}

/** Who may use the registry. */
export interface AuthArgs {
    /** How clients prove who they are. @default "htpasswd", and "none" in the tier `basic` and for a mirror */
    auth?: pulumi.Input<AuthMode>;
    /**
     * The users, for `auth: htpasswd`. A changed, added or removed user restarts nothing.
     * @default one user, admin, with a generated password
     * @example [{ name: "anna" }, { name: "ci", rotation: "2026-11" }]
     */
    users?: pulumi.Input<pulumi.Input<UserArgs>[]>;
}

/** Who says so of somebody in a registry's stead. */
export interface TokenArgs {
    /**
     * Token server, for `auth: token`. @default none
     * @example { realm: "https://auth.lan/token", service: "registry", issuer: "auth.lan", jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}' }
     * @example { realm: "https://auth.lan/token", service: "registry", issuer: "other.lan", jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}' }
     */
    token?: pulumi.Input<TokenAuthArgs>;
}

const ROOT_FILE = "token-certificates.pem";
const JWKS_FILE = "token-jwks.json";
export const HTPASSWD_FILE = "htpasswd";

export const auth = section<AuthArgs & TokenArgs & TlsArgs>()({
    confidential: ["users", "token"],
    preset: ({ tier }) => ({ auth: tier === "basic" ? "none" : "htpasswd" }),
    check: (problems, args) => {
        const { auth, users } = args;
        if (users?.length === 0) {
            problems.add("users: [] is not allowed; give at least one user, or set auth to none.");
        }
        const names = users?.map((user) => user?.name) ?? [];
        names.forEach((name, index) => {
            if (name !== undefined && names.indexOf(name) < index) {
                problems.add(`users[${index}].name: "${name}" is given twice; each user has one entry.`);
            }
        });
        checkStaysEncrypted(problems, "token.realm", args.token?.realm, args);
        if (args.token && !("rootCertificates" in args.token) && !("jwks" in args.token)) {
            problems.add(
                "token: rootCertificates and jwks are both missing; give what the tokens' signatures are checked with.",
            );
        }
        // What an Output chooses is not known yet.
        if (auth) {
            checkNeeds(problems, args, "token", auth === "token", "auth token");
            if ("users" in args && auth !== "htpasswd") {
                problems.add(
                    `users: they are used with auth htpasswd only, and auth is ${auth}; set that, or leave users out.`,
                );
            }
        }
    },
    idle: ({ token }) => ({ "token.autoRedirectPath": !token?.autoRedirect && "autoRedirect false" }),
    settings: ({ auth }) => ({ auth }),
    keys: {
        auth: [
            "auth, with users or token",
            ({ auth }, { token }) =>
                ({
                    htpasswd: { htpasswd: { realm: "nas-registry", path: `${CONFIG_MOUNT}/${HTPASSWD_FILE}` } },
                    token: token && { token: renderToken(token) },
                    none: undefined,
                })[auth],
        ],
    },
    files: (_, { token }) => ({ [ROOT_FILE]: token?.rootCertificates, [JWKS_FILE]: token?.jwks }),
});

function renderToken({ autoRedirect, autoRedirectPath = "/auth/token", ...token }: Plain<TokenAuthArgs>) {
    return {
        realm: token.realm,
        service: token.service,
        issuer: token.issuer,
        rootcertbundle: token.rootCertificates ? `${CONFIG_MOUNT}/${ROOT_FILE}` : undefined,
        jwks: token.jwks ? `${CONFIG_MOUNT}/${JWKS_FILE}` : undefined,
        signingalgorithms: token.signingAlgorithms,
        ...(autoRedirect && { autoredirect: true, autoredirectpath: autoRedirectPath }),
    };
}
