import { createPublicKey, type JsonWebKey } from "node:crypto";
import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

import { cronFault } from "./cron";
import { isGlob } from "./glob";
import { certificatesSpelling, otherThanPem, privateKeySpelling } from "./pem";
import { authoritySpelling, hostSpelling, loginSpelling, pathSpelling, shareSpelling, urlSpelling } from "./spelling";
import { bytesIn, secondsIn } from "./units";

/** What a value must be. Those of this file are what an argument's comment names behind `@is`, with the text that some take. */
export interface Check<T> {
    isRight: (value: T) => boolean;
    /** In words that follow "it must be". */
    allowed: string;
    /** Whether the value may hold a secret, and is not shown. */
    hides?: (value: T) => boolean;
    /** What a wrong value seems to be, in words that follow "it is". */
    seems?: (value: T) => string | undefined;
    /** The usual spelling of a text, which has no blanks at its ends. @default the same */
    spelling?: (text: string) => string;
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

function between<T>(range: string, measure: (value: T | string) => number, what: string): Check<T> {
    const [, from = "", to = "", zero = ""] = /^(\S+)\.\.(\S+)( or 0)?$/.exec(range) ?? [];
    const isBetween = (size: number) => size >= measure(from) && size <= measure(to);
    return {
        isRight: (value) => isBetween(measure(value)) || (zero !== "" && measure(value) === 0),
        allowed: `${what} from ${from} to ${to}${zero && ", or 0"}`,
    };
}

const integer = (value: number | string) => (Number.isInteger(Number(value)) ? Number(value) : NaN);

/** `1..1000` */
export const whole = (range: string) => between<number>(range, integer, "a whole number");
/** `5m..5g`, `5m..5g or 0` */
export const size = (range: string) => between<string>(range, bytesIn, "a size such as 512m or 1g,");
/** `1ms..24h` */
export const duration = (range: string) => between<string>(range, secondsIn, "a duration such as 90s or 24h,");

/** When an operation runs on the NAS. */
export const cron: Check<string> = {
    isRight: (expression) => cronFault(expression) === undefined,
    allowed:
        'a cron expression such as "30 3 * * sun" (minute, hour, day of the month, month, day of the week) or @daily',
    seems: cronFault,
    spelling: (text) => text.replace(/[ \t]+/g, " "),
};

/** Of names of repositories or tags. */
export const pattern = text(
    "a pattern of letters, digits and . _ - / in which * stands for anything but a slash, ** for anything, ? for one character and [0-9] for one of these",
    isGlob,
);

export const cpus = between<number>("0.1..9.9 or 0", Number, "a number of CPUs");

/** `256k` */
export const multipleOf = (step: string) =>
    text(
        `a size such as 16m, a multiple of ${step}`,
        (size) => bytesIn(size) > 0 && bytesIn(size) % bytesIn(step) === 0,
    );

/** Not what NFS takes for everybody whom it does not know, nor what cannot be a user: -1 in 16 and in 32 bits. */
export const userId: Check<number> = {
    isRight: (id) => whole("1..2147483646").isRight(id) && id !== 65_534 && id !== 65_535,
    allowed: "a whole number from 1 to 2147483646, and not 65534 or 65535",
};

export const port = whole("1..65535");
export const name = like("/./ a name");
/** Of a header; a blank would end it in what the NAS reads. */
export const token = like("/^[!-~]+$/ letters, digits and signs of ASCII without blanks");
/** A colon would end it in the htpasswd file. */
export const userName = like(
    "/^[A-Za-z0-9][A-Za-z0-9._@-]*$/ letters, digits and . _ @ -, the first a letter or digit",
);
/** Of an HTTP header, RFC 9110 section 5.6.2. */
export const header = like("/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/ the name of a header");
/** `bucket` */
export const nameOf = (what: string) => like(`/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/ the name of a ${what}`);
/** `registry:3.1.2`, an example */
export const image = (example: string) =>
    like(`/^[a-z0-9](?!.*\/\/)[A-Za-z0-9._:/@-]*$/ an image reference such as ${example}`);
/**
 * Of an SSH account: a directory service's have a domain, and DSM's any letters and blanks. Without what no system has in a
 * name, and what ssh refuses in one.
 */
export const loginName: Check<string> = {
    isRight: (name) => /^(?!.* -)[\p{L}\p{N}_]([\p{L}\p{M}\p{N}._+@\\ -]*[\p{L}\p{M}\p{N}._-])?$/u.test(name),
    allowed: "a login name such as anna, DOMAIN\\anna or anna@example.com",
    spelling: loginSpelling,
};
/** Of a shared folder; those of the system begin with @ or a dot. */
export const share: Check<string> = {
    isRight: (name) => /^[^@/\\.][^/\\]*$/.test(name),
    allowed: "the name of a shared folder, without slashes",
    spelling: shareSpelling,
};
/** On a NAS. */
export const directory: Check<string> = {
    isRight: (path) => !path.includes("\\"),
    allowed: "a path with slashes and without backslashes",
    spelling: pathSpelling,
};

function text(allowed: string, isRight: (text: string) => boolean): Check<string> {
    return { isRight, allowed };
}

/** Some address: it may hold a password, as in `https://name:password@host`. */
function address(allowed: string, isRight: (text: string) => boolean, spelling = authoritySpelling): Check<string> {
    return { isRight, allowed, hides: (text) => text.includes("@"), spelling };
}

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;

export const host = address(
    "a DNS name or an IP address, without scheme and port",
    // An address with a mistake in it is no name: resolvers take it for another address.
    (text) => isIP(text) !== 0 || (DNS_NAME.test(text) && !/\.\d+$/.test(text)),
    hostSpelling,
);

/** `host:port`. */
export const authority = address("host:port, an IPv6 address in brackets", (text) => {
    const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
    return host.isRight(bracketed ?? name ?? "") && Number(port) >= 1 && Number(port) <= 65535;
});

/** A name in images: without a port it needs a dot, or Docker looks for a user of Docker Hub. */
export const registry = address(
    "host:port, an IPv6 address in brackets, or a name with a dot",
    (text) => authority.isRight(text) || (text.includes(".") && host.isRight(text)),
);

export const webUrl = address(
    "an http or https URL without user name and password",
    (text) => {
        // The parser takes away line breaks and blanks at the ends, and reads a backslash as a slash; whoever uses the text does not.
        if (/[\s"<>\\]/.test(text) || !URL.canParse(text)) {
            return false;
        }
        const { protocol, username, password } = new URL(text);
        return /^https?:$/.test(protocol) && /^\w+:\/\/[^/]/.test(text) && username === "" && password === "";
    },
    urlSpelling,
);

/** Of a server alone, without path, query and fragment. */
export const serverUrl = address(
    `${webUrl.allowed}, and without path`,
    (text) => webUrl.isRight(text) && /^[^/]+\/\/[^/?#]+\/?$/.test(text),
    urlSpelling,
);

/** Engines before 25 refuse to start with a path. */
export const mirrorUrl = {
    ...serverUrl,
    allowed: "an http or https URL without path, query, user and password",
};

/** The usual spelling of a network such as `192.168.1.0/24`; undefined with a bit set behind its length. */
function networkOf(text: string): string | undefined {
    const [address = ""] = text.split("/");
    // Alone, the library takes an octal or shortened IPv4 address, too.
    if (isIP(address) === 0 || address.includes("%") || !ipaddr.isValidCIDR(text)) {
        return undefined;
    }
    const [given, length] = ipaddr.parseCIDR(text);
    const first = (given.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(text);
    return given.toNormalizedString() === first.toNormalizedString() ? `${given.toString()}/${length}` : undefined;
}

/** The engine shows a network in its usual spelling; another could not be found again. 0.0.0.0/0 is every registry in the world. */
export const insecureRegistry = address(
    "host, host:port or a network such as 192.168.1.0/24, without http:// in front; the address of a network ends in zeros, and it has at least 8 bits",
    (entry) =>
        entry.includes("/")
            ? networkOf(entry) === entry && Number(entry.split("/")[1]) >= 8
            : authority.isRight(entry) || host.isRight(entry),
);

/** Something that sshd's `from=` takes for what it is meant: it refuses everybody for a list with one mistake in it. */
export const sshOrigin = text(
    "an IP address, a network such as 192.168.1.0/24 without a bit set behind its length, or a host name; * and ? are wildcards in it",
    (from) =>
        from.includes("/")
            ? networkOf(from) !== undefined
            : (isIP(from) !== 0 && !from.includes("%")) || /^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]{0,252}$/.test(from),
);

export const ownAddress = address("an IP address of the NAS", (text) => isIP(text) !== 0, hostSpelling);

const PRIVATE = ["private", "carrierGradeNat", "linkLocal", "loopback", "uniqueLocal"];
/** Reached from a private network, or from the machine alone. */
export const privateAddress = address(
    "one private address of the NAS",
    (text) => isIP(text) !== 0 && PRIVATE.includes(ipaddr.process(text).range()),
    hostSpelling,
);

export const certificates: Check<string> = {
    ...like("/-----BEGIN CERTIFICATE-----[^-]+-----END/ PEM of certificates"),
    seems: otherThanPem,
    spelling: certificatesSpelling,
};
/** Of PKCS#8, and with an algorithm before it of older forms. */
export const privateKey: Check<string> = {
    ...like("/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]+-----END/ PEM of a private key"),
    seems: otherThanPem,
    spelling: privateKeySpelling,
};

/** bcrypt looks at 72 bytes and no further. */
export const password = text("8 to 72 bytes on one line", (given) => {
    const bytes = Buffer.byteLength(given);
    return bytes >= 8 && bytes <= 72 && !/[\0-\x1f\x7f]/.test(given);
});

function json(allowed: string, isRight: (value: Record<string, unknown>) => boolean): Check<string> {
    const check = text(allowed, (given) => {
        try {
            const value: unknown = JSON.parse(given);
            return typeof value === "object" && value !== null && !Array.isArray(value) && isRight({ ...value });
        } catch {
            return false;
        }
    });
    // Go takes no byte order mark; it is white space here.
    return { ...check, spelling: (given) => given.trim() };
}

export const serviceAccount = json("JSON of a service account's key", () => true);
/** The registry does not start with an empty one, and ends with an error of its own at a key that it cannot read. */
export const keySet = json(
    "a JSON Web Key Set with at least one public key",
    ({ keys }) => Array.isArray(keys) && keys.length > 0 && keys.every(isPublicKey),
);

function isPublicKey(key: JsonWebKey): boolean {
    try {
        return createPublicKey({ key, format: "jwk" }).type === "public";
    } catch {
        return false;
    }
}

/** An option of a log driver; it may be a token. */
export const optionText: Check<unknown> = {
    isRight: (value) => typeof value === "string",
    allowed: 'a text; the engine takes numbers as texts, too: "3"',
    hides: () => true,
};
