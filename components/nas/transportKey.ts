import { isIP } from "node:net";

import { networkOf } from "../settings/addresses";
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
    if (value.includes("/")) {
        return networkOf(value) !== undefined;
    }
    return (isIP(value) !== 0 && !value.includes("%")) || /^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]{0,252}$/.test(value);
}
