import { isIP } from "node:net";

import type { Check } from "./checks";
import { bytesIn, secondsIn } from "./units";

/** A text of this form. */
export function like(pattern: RegExp, allowed: string): Check<string> {
    return { isRight: (text) => pattern.test(text), allowed };
}

/** The same as the check, of a value that is not shown. */
export function secret<T>(check: Check<T>): Check<T> {
    return { ...check, hides: () => true };
}

/** The same, of an address: it may hold a password, as in `https://name:password@host`. */
export function address(isRight: (text: string) => boolean, allowed: string): Check<string> {
    return { isRight, allowed, hides: (text) => text.includes("@") };
}

export function oneOf(words: Record<string, string> | readonly string[]): Check<string> {
    const allowed = Object.values(words);
    return { isRight: (word) => allowed.includes(word), allowed: `one of ${allowed.join(", ")}` };
}

export function whole(from: number, to: number): Check<number> {
    const isRight = (number: number) => Number.isInteger(number) && number >= from && number <= to;
    return { isRight, allowed: `a whole number from ${from} to ${to}` };
}

export function size(from: string, to: string): Check<string> {
    const isRight = (text: string) => bytesIn(text) >= bytesIn(from) && bytesIn(text) <= bytesIn(to);
    return { isRight, allowed: `a size such as 512m or 1g, from ${from} to ${to}` };
}

export function duration(from: string, to: string): Check<string> {
    const isRight = (text: string) => secondsIn(text) >= secondsIn(from) && secondsIn(text) <= secondsIn(to);
    return { isRight, allowed: `a duration such as 90s or 24h, from ${from} to ${to}` };
}

export const port = whole(1, 65535);
export const name = like(/./, "a name");
/** A colon would end it in the htpasswd file. */
export const userName = like(
    /^[A-Za-z0-9][A-Za-z0-9._@-]*$/,
    "letters, digits and . _ @ -, the first a letter or digit",
);

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;

export const host = address(
    (text) => isIP(text) !== 0 || DNS_NAME.test(text),
    "a DNS name or an IP address, without scheme and port",
);

/** `host:port`. */
export const authority = address((text) => {
    const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
    return host.isRight(bracketed ?? name ?? "") && Number(port) >= 1 && Number(port) <= 65535;
}, "host:port, an IPv6 address in brackets");

export const webUrl = address((text) => {
    // The parser takes away line breaks and blanks at the ends, and reads a backslash as a slash; whoever uses the text does not.
    if (/[\s"<>\\]/.test(text) || !URL.canParse(text)) {
        return false;
    }
    const { protocol, username, password } = new URL(text);
    return /^https?:$/.test(protocol) && username === "" && password === "";
}, "an http or https URL without user name and password");

/** Of a server alone, without path, query and fragment. */
export const serverUrl = address(
    (text) => webUrl.isRight(text) && /^[^/]+\/\/[^/?#]+\/?$/.test(text),
    `${webUrl.allowed}, and without path`,
);

function pem(label: string, allowed: string): Check<string> {
    return like(new RegExp(`-----BEGIN ${label}-----[^-]+-----END`), allowed);
}

export const certificates = pem("CERTIFICATE", "PEM of certificates");
/** Of PKCS#8, and with an algorithm before it of older forms. */
export const privateKey = secret(pem("[A-Z ]*PRIVATE KEY", "PEM of a private key"));
