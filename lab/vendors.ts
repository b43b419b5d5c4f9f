import * as fs from "node:fs";
import * as path from "node:path";
import { NasVendor } from "../components/nas/vendors";
import type { EngineGeneration } from "./engines";
import { images } from "./paths";

export type Vendor = NasVendor;

/** What the lab knows of a vendor, in vendor.json beside its image. */
export interface LabVendor {
    /** What number 0 is called. */
    readonly superuser: string;
    /** Uid and gid that the vendor gives to a second user. */
    readonly mallory: string;
    /** Volume of the data. */
    readonly volume: string;
    readonly hostNames: readonly string[];
    /** Whether Docker's socket admits administrators, as delivered. */
    readonly dockerSocket: boolean;
    /** The newest generation of Docker Engine that it delivers. */
    readonly engine: EngineGeneration;
    readonly sshdConfig: string;
    /** The directory for data, with VOLUME in the place of the volume's name. */
    readonly sharedFolder: string;
    /** What is on the NAS's own disks and outlives its container: ends of a name, and where it is. */
    readonly volumes: Readonly<Record<string, string>>;
    /** Whether a restart begins with the firmware again, but for these volumes. */
    readonly startsAnew: boolean;
}

/** The vendors that the product knows, each with its data. */
export const vendors = Object.fromEntries(
    Object.values(NasVendor).map((name) => [
        name,
        JSON.parse(fs.readFileSync(path.join(images, name, "vendor.json"), "utf8")) as LabVendor,
    ]),
) as Record<Vendor, LabVendor>;
