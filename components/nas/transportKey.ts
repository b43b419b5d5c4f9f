import type * as pulumi from "@pulumi/pulumi";

import { filled, type Section } from "../settings/section";

/** Of the key by which Docker is reached. */
export interface TransportKeyArgs {
    /**
     * Addresses from which the NAS lets in the key that reaches its Docker Engine: IP addresses, networks, and host names, with
     * `*` and `?` as wildcards, as `from=` of its `authorized_keys` takes them. All that run `up` must be among them. Host
     * names count only where the NAS's SSH server looks them up (`UseDNS`). Of no use with a docker provider of your own.
     * @default any address @example ["192.168.1.0/24", "fd00::20"] @is sshOrigin
     */
    transportKeyFrom?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Any text; another one makes another key for the Docker Engine: it is let in, then the old one no more.
     * @default "" @example "2026-12"
     */
    transportKeyRotation?: pulumi.Input<string>;
}

export const transportKey = {
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
