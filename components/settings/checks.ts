import { isIP } from "node:net";

/** What a value must be. */
export interface Rule<T> {
    isRight: (value: T) => boolean;
    /** In words that follow "it must be". */
    allowed: string;
}

/** Collects what is wrong with arguments: one sentence for each, with its name, its value and what is allowed. */
export class Problems {
    readonly sentences: string[] = [];

    add(sentence: string): void {
        this.sentences.push(sentence);
    }

    /** A value that is left out, or not known yet, is not checked. */
    check<T>(property: string, value: T | undefined, isRight: (value: T) => boolean, allowed: string): void {
        if (value !== undefined && !isRight(value)) {
            this.add(`${property}: ${JSON.stringify(value)} is not allowed; it must be ${allowed}.`);
        }
    }

    rule<T>(property: string, value: T | undefined, { isRight, allowed }: Rule<T>): void {
        this.check(property, value, isRight, allowed);
    }

    /** The same for a value that may be a secret: it is not shown. */
    checkSecret<T>(property: string, value: T | undefined, isRight: (value: T) => boolean, allowed: string): void {
        if (value !== undefined && !isRight(value)) {
            this.add(`${property}: the value given is not allowed; it must be ${allowed}.`);
        }
    }

    /** The same for an address, which is shown unless it may hold a password, as in `https://name:password@host`. */
    address(property: string, value: string | undefined, isRight: (value: string) => boolean, allowed: string): void {
        const check = value?.includes("@") ? this.checkSecret.bind(this) : this.check.bind(this);
        check(property, value, isRight, allowed);
    }

    oneOf(property: string, value: string | undefined, words: Record<string, string> | string[]): void {
        const allowed = Object.values(words);
        this.check(property, value, (word) => allowed.includes(word), `one of ${allowed.join(", ")}`);
    }

    whole(property: string, value: number | undefined, from: number, to: number, unit = ""): void {
        const isRight = (number: number) => Number.isInteger(number) && number >= from && number <= to;
        this.check(property, value, isRight, `a whole number ${unit && `of ${unit} `}from ${from} to ${to}`);
    }
}

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;

export const HOST_RULE = "a DNS name or an IP address, without scheme and port";

export function isHost(value: string): boolean {
    return isIP(value) !== 0 || DNS_NAME.test(value);
}

export const AUTHORITY_RULE = "host:port, an IPv6 address in brackets";

/** `host:port`. */
export function isAuthority(value: string): boolean {
    const [, bracketed, host, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
    return isHost(bracketed ?? host ?? "") && Number(port) >= 1 && Number(port) <= 65535;
}

export const URL_RULE = "an http or https URL without user name and password";

export function isWebUrl(value: string): boolean {
    // The parser takes away line breaks and blanks at the ends, and reads a backslash as a slash; whoever uses the text does not.
    if (/[\s"<>\\]/.test(value) || !URL.canParse(value)) {
        return false;
    }
    const { protocol, username, password } = new URL(value);
    return /^https?:$/.test(protocol) && username === "" && password === "";
}

export function matches(pattern: RegExp): (value: string) => boolean {
    return (value) => pattern.test(value);
}

/** Label of PKCS#8, and with an algorithm before it of older forms. */
export const PRIVATE_KEY = "[A-Z ]*PRIVATE KEY";

export function isPem(label: string): (value: string) => boolean {
    return matches(new RegExp(`-----BEGIN ${label}-----[^-]+-----END`));
}
