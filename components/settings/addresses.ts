import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

/**
 * The usual spelling of a network such as `192.168.1.0/24`; undefined for anything else, and for an address with a bit
 * set behind the network's length.
 */
export function networkOf(text: string): string | undefined {
    const [address = ""] = text.split("/");
    // Alone, the library takes an octal or shortened IPv4 address, too.
    if (isIP(address) === 0 || address.includes("%") || !ipaddr.isValidCIDR(text)) {
        return undefined;
    }
    const [given, length] = ipaddr.parseCIDR(text);
    const first = (given.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(text);
    return given.toNormalizedString() === first.toNormalizedString() ? `${given.toString()}/${length}` : undefined;
}

/** Whether an address is reached from a private network, or from the machine alone. */
export function isPrivateAddress(address: string): boolean {
    const ranges = ["private", "carrierGradeNat", "linkLocal", "loopback", "uniqueLocal"];
    return isIP(address) !== 0 && ranges.includes(ipaddr.process(address).range());
}
