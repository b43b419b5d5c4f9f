import { isIP } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import { networkOf } from "../settings/addresses";
import { filled, type Section } from "../settings/section";

/** Of the key by which Docker is reached. */
export interface TransportKeyArgs {
    /**
     * Addresses from which the NAS lets in the key that reaches its Docker Engine: IP addresses, networks, and host names, with
     * `*` and `?` as wildcards, as `from=` of its `authorized_keys` takes them. All that run `up` must be among them. Host
     * names count only where the NAS's SSH server looks them up (`UseDNS`). Of no use with a docker provider of your own.
     * @default any address
     * @example ["192.168.1.0/24", "fd00::20"]
     */
    transportKeyFrom?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Any text; another one makes another key for the Docker Engine: it is let in, then the old one no more.
     * @default ""
     * @example "2026-12"
     */
    transportKeyRotation?: pulumi.Input<string>;
}

export const transportKey = {
    checks: {
        transportKeyFrom: {
            isRight: isFrom,
            allowed:
                "an IP address, a network such as 192.168.1.0/24 without a bit set behind its length, or a host name; * and ? are wildcards in it",
        },
    },
    check: (problems, { transportKeyFrom }) => {
        if (transportKeyFrom?.length === 0) {
            problems.add(
                "transportKeyFrom: [] is not allowed; give the addresses that the key may come from, or leave it out.",
            );
        }
    },
    settings: (args) => filled(args, { transportKeyFrom: [], transportKeyRotation: "" }),
} satisfies Section<TransportKeyArgs>;

export type TransportKeySettings = ReturnType<typeof transportKey.settings>;

/** Something that sshd's `from=` takes for what it is meant: it refuses everybody for a list with one mistake in it. */
function isFrom(value: string): boolean {
    if (value.includes("/")) {
        return networkOf(value) !== undefined;
    }
    return (isIP(value) !== 0 && !value.includes("%")) || /^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]{0,252}$/.test(value);
}
