import { isIP } from "node:net";

import { isPrivateAddress, networkOf } from "./addresses";
import { bytesIn, secondsIn } from "./units";

/**
 * What a value must be. Every check of this file is also the one that an argument's comment names behind `@is`; what
 * stands there behind its name is the function's text.
 */
export interface Check<T> {
    isRight: (value: T) => boolean;
    /** In words that follow "it must be". */
    allowed: string;
    /** Whether the value may hold a secret, and is not shown. */
    hides?: (value: T) => boolean;
}

/** `/^[a-z]+$/ small letters` */
export function like(rule: string): Check<string> {
    const [, pattern = "", allowed = ""] = /^\/(.+)\/ ([^]+)$/.exec(rule) ?? [];
    const form = new RegExp(pattern);
    return { isRight: (text) => form.test(text), allowed };
}

/** `push pull` */
export function oneOf(words: string): Check<string> {
    const allowed = words.split(/\s+/);
    return { isRight: (word) => allowed.includes(word), allowed: `one of ${allowed.join(", ")}` };
}

/** `1..1000` */
export function whole(range: string): Check<number> {
    const [from, to] = endsOf(range);
    const isRight = (number: number) => Number.isInteger(number) && number >= Number(from) && number <= Number(to);
    return { isRight, allowed: `a whole number from ${from} to ${to}` };
}

/** `5m..5g` */
export function size(range: string): Check<string> {
    const [from, to] = endsOf(range);
    const isRight = (text: string) => bytesIn(text) >= bytesIn(from) && bytesIn(text) <= bytesIn(to);
    return { isRight, allowed: `a size such as 512m or 1g, from ${from} to ${to}` };
}

/** `1ms..24h` */
export function duration(range: string): Check<string> {
    const [from, to] = endsOf(range);
    const isRight = (text: string) => secondsIn(text) >= secondsIn(from) && secondsIn(text) <= secondsIn(to);
    return { isRight, allowed: `a duration such as 90s or 24h, from ${from} to ${to}` };
}

function endsOf(range: string): [string, string] {
    const [from = "", to = ""] = range.split("..");
    return [from, to];
}

export const port = whole("1..65535");
export const name = like("/./ a name");
/** A colon would end it in an htpasswd file. */
export const userName = like(
    "/^[A-Za-z0-9][A-Za-z0-9._@-]*$/ letters, digits and . _ @ -, the first a letter or digit",
);

/** `bucket` */
export function nameOf(what: string): Check<string> {
    return like(`/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/ the name of a ${what}`);
}

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;

/** An address may hold a password, as in `https://name:password@host`. */
const hides = (text: string) => text.includes("@");

export const host: Check<string> = {
    isRight: (text) => isIP(text) !== 0 || DNS_NAME.test(text),
    allowed: "a DNS name or an IP address, without scheme and port",
    hides,
};

/** `host:port`. */
export const authority: Check<string> = {
    isRight: (text) => {
        const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
        return host.isRight(bracketed ?? name ?? "") && Number(port) >= 1 && Number(port) <= 65535;
    },
    allowed: "host:port, an IPv6 address in brackets",
    hides,
};

export const webUrl: Check<string> = {
    isRight: (text) => {
        // The parser takes away line breaks and blanks at the ends, and reads a backslash as a slash; whoever uses the text does not.
        if (/[\s"<>\\]/.test(text) || !URL.canParse(text)) {
            return false;
        }
        const { protocol, username, password } = new URL(text);
        return /^https?:$/.test(protocol) && username === "" && password === "";
    },
    allowed: "an http or https URL without user name and password",
    hides,
};

/** Of a server alone, without path, query and fragment. */
export const serverUrl: Check<string> = {
    isRight: (text) => webUrl.isRight(text) && /^[^/]+\/\/[^/?#]+\/?$/.test(text),
    allowed: `${webUrl.allowed}, and without path`,
    hides,
};

/** Engines before 25 refuse to start with a path. */
export const mirrorUrl: Check<string> = {
    ...serverUrl,
    allowed: "an http or https URL without path, query, user and password",
};

/** One of Docker's `insecure-registries`. */
export const insecureRegistry: Check<string> = {
    isRight: (text) => {
        const [, length] = text.split("/");
        return length === undefined
            ? authority.isRight(text) || host.isRight(text)
            : // The engine shows a network in its usual spelling; another could not be found again. 0.0.0.0/0 is every registry in the world.
              networkOf(text) === text && Number(length) >= 8;
    },
    allowed:
        "host, host:port or a network such as 192.168.1.0/24, without http:// in front; the address of a network ends in zeros, and it has at least 8 bits",
};

/** Something that sshd's `from=` takes for what it is meant: it refuses everybody for a list with one mistake in it. */
export const sshOrigin: Check<string> = {
    isRight: (text) =>
        text.includes("/")
            ? networkOf(text) !== undefined
            : (isIP(text) !== 0 && !text.includes("%")) || /^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]{0,252}$/.test(text),
    allowed:
        "an IP address, a network such as 192.168.1.0/24 without a bit set behind its length, or a host name; * and ? are wildcards in it",
};

export const ownAddress: Check<string> = { isRight: (text) => isIP(text) !== 0, allowed: "an IP address of the NAS" };
export const privateAddress = { isRight: isPrivateAddress, allowed: "one private address of the NAS" };

export const certificates = like("/-----BEGIN CERTIFICATE-----[^-]+-----END/ PEM of certificates");
/** Of PKCS#8, and with an algorithm before it of older forms. */
export const privateKey = like("/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END/ PEM of a private key");

/** bcrypt looks at 72 bytes and no further. */
export const password: Check<string> = {
    isRight: (text) => /^[^\0-\x1f\x7f]*$/.test(text) && Buffer.byteLength(text) >= 8 && Buffer.byteLength(text) <= 72,
    allowed: "8 to 72 bytes on one line",
};

/** The registry does not start with an empty one. */
export const keySet = json(
    "a JSON Web Key Set with at least one key",
    ({ keys }) => Array.isArray(keys) && keys.length > 0,
);
export const serviceAccount = json("JSON of a service account's key", () => true);

function json(allowed: string, isRight: (value: Record<string, unknown>) => boolean): Check<string> {
    return {
        isRight: (text) => {
            try {
                const value: unknown = JSON.parse(text);
                return typeof value === "object" && value !== null && !Array.isArray(value) && isRight({ ...value });
            } catch {
                return false;
            }
        },
        allowed,
    };
}

/** `registry:3.1.2`, an example. */
export function image(example: string): Check<string> {
    return like(`/^[a-z0-9][A-Za-z0-9._:/@-]*$/ an image reference such as ${example}`);
}

/** An option of a log driver. */
export const optionText: Check<unknown> = {
    isRight: (value) => typeof value === "string",
    // As it may be a token.
    hides: () => true,
    allowed: 'a text; the engine takes numbers as texts, too: "3"',
};
