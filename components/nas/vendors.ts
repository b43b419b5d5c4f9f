import { linux } from "./linux/linux";
import { qnap } from "./qnap/qnap";
import { synology } from "./synology/synology";
import type { Problems } from "../settings/shape";
import type { Offer, Vendor } from "./vendor";

/** Make of the NAS. */
export const NasVendor = {
    /** Synology DSM 6.2 to 7.3, package Docker or Container Manager. */
    Synology: "synology",
    /** QNAP QTS or QuTS hero, Container Station 2 or 3. */
    Qnap: "qnap",
    /** Any other Linux host with Docker Engine: Debian, Ubuntu, Raspberry Pi OS, OpenMediaVault, TrueNAS from 24.10, Unraid. */
    Linux: "linux",
} as const;
export type NasVendor = (typeof NasVendor)[keyof typeof NasVendor];

/** A NAS's vendor is the first whose signs are on it. */
export const vendors: Record<NasVendor, Vendor> = { synology, qnap, linux };

/** Refuses what only other vendors' NASes do. */
export function checkOffer(problems: Problems, what: string, offer: Offer, vendor: NasVendor | undefined): void {
    const able = Object.values(vendors).filter(({ offers = [] }) => offers.includes(offer));
    if (vendor !== undefined && !able.some(({ name }) => name === vendor)) {
        const labels = able.map(({ label }) => label).join(" and ");
        problems.add(`${what} is not allowed on a ${vendor}; it is for ${labels} only.`);
    }
}
