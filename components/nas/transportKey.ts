import { isIP } from "node:net";

import type { Problems } from "../settings/checks";

/** What is said of the key by which Docker is reached. */
export interface TransportKeySettings {
    /** From where the key is let in; empty is from anywhere. */
    transportKeyFrom: string[];
    /** Another text makes another key. */
    transportKeyRotation: string;
}

const FROM_RULE =
    "an IP address, a network such as 192.168.1.0/24 without a bit set behind its length, or a host name; * and ? are wildcards in it";

export function checkTransportKey(problems: Problems, from: (string | undefined)[] | undefined): void {
    if (from?.length === 0) {
        problems.add(
            "transportKeyFrom: [] is not allowed; give the addresses that the key may come from, or leave it out.",
        );
    }
    for (const each of from ?? []) {
        problems.check("transportKeyFrom", each, isFrom, FROM_RULE);
    }
}

/** Something that sshd's `from=` takes for what it is meant: it refuses everybody for a list with one mistake in it. */
function isFrom(value: string): boolean {
    const [address = "", length, ...more] = value.split("/");
    if (more.length > 0 || value.includes("%")) {
        return false;
    }
    if (length === undefined) {
        return isIP(value) !== 0 || /^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]{0,252}$/.test(value);
    }
    return isNetwork(address, length);
}

function isNetwork(address: string, length: string): boolean {
    const bits = bitsOf(address);
    return (
        bits !== undefined &&
        /^\d{1,3}$/.test(length) &&
        Number(length) <= bits.length &&
        !bits.slice(Number(length)).includes("1")
    );
}

/** An IP address as ones and zeros. */
function bitsOf(address: string): string | undefined {
    switch (isIP(address)) {
        case 4:
            return address
                .split(".")
                .map((part) => Number(part).toString(2).padStart(8, "0"))
                .join("");
        case 6: {
            // Without an IPv4 address at its end.
            const [head = [], tail = []] = new URL(`http://[${address}]`).hostname
                .slice(1, -1)
                .split("::")
                .map((part) => part.split(":").filter(Boolean));
            const zeros = Array<string>(8 - head.length - tail.length).fill("0");
            return [...head, ...zeros, ...tail]
                .map((part) => parseInt(part, 16).toString(2).padStart(16, "0"))
                .join("");
        }
        default:
            return undefined;
    }
}
