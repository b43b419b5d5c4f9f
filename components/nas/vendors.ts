import { qnap } from "./qnap";
import { synology } from "./synology";

/** Make of the NAS. */
export const NasVendor = {
    /** Synology DSM 6.2 to 7.3, package Docker or Container Manager. */
    Synology: "synology",
    /** QNAP QTS or QuTS hero, Container Station 2 or 3. */
    Qnap: "qnap",
} as const;
export type NasVendor = (typeof NasVendor)[keyof typeof NasVendor];

/** What differs between vendors and is needed before the NAS is asked. */
export interface Vendor {
    /** The product's name, for messages. */
    label: string;
    /** Host port of the registry when none is given. */
    defaultPort: number;
    /** Shared folder that holds the data when none is given. */
    defaultSharedFolder: string;
    /** Matches an absolute path inside a shared folder on a data volume. */
    dataPath: RegExp;
    /** Such a path, for messages. */
    dataPathExample: string;
    /** Where SSH is switched on, for messages. */
    sshSetting: string;
    /** File beside this one with the vendor's shell functions (see probe.sh for what they must define). */
    script: string;
}

/** Adding a vendor: one file of data, one script, one line here and one in NasVendor. */
export const vendors: Record<NasVendor, Vendor> = { synology, qnap };
