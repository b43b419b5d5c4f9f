import type * as pulumi from "@pulumi/pulumi";

import { isPem, isWebUrl, matches, URL_RULE, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";
import { CONFIG_MOUNT } from "./mounts";

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
    /** Name: letters, digits and . _ @ -, the first a letter or digit. */
    name: pulumi.Input<string>;
    /**
     * Password of your choice, 8 to 72 bytes; always kept as a secret.
     * @default 32 letters and digits, generated once
     */
    password?: pulumi.Input<string>;
    /**
     * Any text; another text gives a generated password anew. Nothing restarts.
     * @default ""
     * @example "2026-11"
     */
    rotation?: pulumi.Input<string>;
}

/** A token server, as the registry's `auth.token` describes it. */
export interface TokenAuthArgs {
    /** URL of the token server, where clients get their tokens. */
    realm: pulumi.Input<string>;
    /** Name of this registry at the token server. */
    service: pulumi.Input<string>;
    /** Issuer that tokens must name. */
    issuer: pulumi.Input<string>;
    /** PEM of the certificates whose keys sign tokens. Either this or `jwks`. @default none */
    rootCertificates?: pulumi.Input<string>;
    /** JSON Web Key Set, JSON text, whose keys sign tokens. @default none */
    jwks?: pulumi.Input<string>;
    /**
     * Signature algorithms that are accepted.
     * @default what the registry accepts
     * @example ["ES256"]
     */
    signingAlgorithms?: pulumi.Input<pulumi.Input<string>[]>;
    /** Sends clients to `autoRedirectPath` on the registry's own host in place of `realm`. @default false */
    autoRedirect?: pulumi.Input<boolean>;
    /** Path of the token server on the registry's host. @default "/auth/token" */
    autoRedirectPath?: pulumi.Input<string>;
}

type PlainToken = pulumi.Unwrap<TokenAuthArgs>;

const ROOT_FILE = "token-certificates.pem";
const JWKS_FILE = "token-jwks.json";
export const HTPASSWD_FILE = "htpasswd";

export function checkUsers(problems: Problems, users: (Known<UserArgs> | undefined)[] = []): void {
    const names = users.map((user) => user?.name);
    for (const [index, { name, password } = {}] of users.entries()) {
        // A colon would end the name in the htpasswd file.
        const rule = "letters, digits and . _ @ -, the first a letter or digit";
        problems.check(`users[${index}].name`, name, matches(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/), rule);
        if (name !== undefined && names.indexOf(name) < index) {
            problems.add(`users[${index}].name: "${name}" is given twice; each user has one entry.`);
        }
        problems.checkSecret(`users[${index}].password`, password, isPassword, "8 to 72 bytes on one line");
    }
}

/** bcrypt looks at 72 bytes and no further. */
function isPassword(password: string): boolean {
    const bytes = Buffer.byteLength(password);
    return bytes >= 8 && bytes <= 72 && !/[\0-\x1f\x7f]/.test(password);
}

export function checkToken(problems: Problems, token: Known<TokenAuthArgs> = {}): void {
    problems.address("token.realm", token.realm, isWebUrl, URL_RULE);
    problems.check("token.service", token.service, matches(/./), "a name");
    problems.check("token.issuer", token.issuer, matches(/./), "a name");
    problems.checkSecret("token.rootCertificates", token.rootCertificates, isPem("CERTIFICATE"), "PEM of certificates");
    problems.checkSecret("token.jwks", token.jwks, isKeySet, "a JSON Web Key Set with at least one key");
    problems.check("token.autoRedirectPath", token.autoRedirectPath, matches(/^\//), "a path such as /auth/token");
}

function isKeySet(text: string): boolean {
    try {
        const { keys } = JSON.parse(text) as { keys?: unknown };
        // The registry does not start with an empty one.
        return Array.isArray(keys) && keys.length > 0;
    } catch {
        return false;
    }
}

/** The section `auth` of config.yml; nothing when nobody is asked. */
export function renderAuth(mode: AuthMode, token: PlainToken | undefined) {
    if (mode === "htpasswd") {
        return { auth: { htpasswd: { realm: "nas-registry", path: `${CONFIG_MOUNT}/${HTPASSWD_FILE}` } } };
    }
    if (mode === "none" || token === undefined) {
        return {};
    }
    const { realm, service, issuer, signingAlgorithms, autoRedirect, autoRedirectPath } = token;
    return {
        auth: {
            token: {
                realm,
                service,
                issuer,
                ...(token.rootCertificates && { rootcertbundle: `${CONFIG_MOUNT}/${ROOT_FILE}` }),
                ...(token.jwks && { jwks: `${CONFIG_MOUNT}/${JWKS_FILE}` }),
                ...(signingAlgorithms && { signingalgorithms: signingAlgorithms }),
                ...(autoRedirect && { autoredirect: true, autoredirectpath: autoRedirectPath ?? "/auth/token" }),
            },
        },
    };
}

/** The files that {@link renderAuth} names, without the users. */
export function tokenFiles(token: PlainToken | undefined): Record<string, string | undefined> {
    return { [ROOT_FILE]: token?.rootCertificates, [JWKS_FILE]: token?.jwks };
}
