import { isIP } from "node:net";
import { domainToASCII } from "node:url";

// How names and addresses are written, where people write them in several ways and mean one thing.

/** A host's name in small letters and as DNS has it, without the root's dot; an IPv6 address without brackets. */
function bareHost(text: string): string {
    const bare = text.replace(/^\[(.+)\]$/, "$1");
    if (isIP(bare) !== 0) {
        return bare.toLowerCase();
    }
    const name = bare.toLowerCase().replace(/(?<=[^.])\.$/, "");
    // domainToASCII reads short and octal IPv4 addresses, and takes what is before a slash.
    return /^[\0-\x7f]*$|[\0-,/:-@[-^`{-\x7f]/.test(name) ? name : domainToASCII(name) || name;
}

/** Without what shows that a program or a person reads it as an address. Other schemes may mean what the text would not say. */
const withoutScheme = (text: string) => text.replace(/^(?:https?|ssh|sftp|tcp|redis):\/\//i, "").replace(/\/+$/, "");

export function hostSpelling(text: string): string {
    return bareHost(withoutScheme(text));
}

/** `host:port`, or a host alone; the brackets around an IPv6 address stay. */
export function authoritySpelling(text: string): string {
    const bare = withoutScheme(text);
    const [, host = bare, port = ""] = /^(\[.+\]|[^:]*)(:\d+)?$/.exec(bare) ?? [];
    return (host.startsWith("[") ? host.toLowerCase() : bareHost(host)) + port;
}

export function urlSpelling(text: string): string {
    const [, scheme = "", authority = "", path = ""] = /^([a-z]+:\/\/)([^/?#@\\\s]+)(.*)$/i.exec(text) ?? [];
    return scheme === "" ? text : scheme.toLowerCase() + authoritySpelling(authority) + (path === "/" ? "" : path);
}

/** `DOMAIN\anna` is read from many a file with two backslashes. */
export function loginSpelling(text: string): string {
    return text.normalize().replace(/\\+/g, "\\");
}

/** As a NAS's screens show it, `/docker`. */
export function shareSpelling(text: string): string {
    return text.replace(/^\/|\/+$/g, "");
}

export function pathSpelling(text: string): string {
    return text.replace(/\/(?:\.?\/)+/g, "/").replace(/(?<=.)\/\.?$/, "");
}
