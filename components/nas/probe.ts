import type { CustomResourceOptions } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";

import { printable } from "../settings/printable";
import { remoteScript, type Target } from "./remoteScript";
import { vendors, type NasVendor } from "./vendors";

/** How scripts become root on the NAS: they are, by `sudo -n`, or not at all (the user may open the Docker socket). */
export type Privilege = "root" | "sudo" | "group";

/** What one look at the NAS found out. */
export interface NasFacts {
    /** For instance `DSM 7.2.2-72806` or `QTS 5.2.1`. */
    firmware: string;
    /** Package that holds the engine: `ContainerManager`, `Docker` or `container-station`. */
    package: string;
    /** Absolute path of the docker command. */
    docker: string;
    /** `NAME=value` to set for the docker command, or nothing. */
    dockerEnv: string;
    /** Absolute path of the Docker daemon's configuration. */
    daemonConfig: string;
    privilege: Privilege;
    engineVersion: string;
    apiVersion: string;
    /** The kernel can limit CPU time; many Synology kernels cannot. */
    cpuQuota: boolean;
    memoryLimit: boolean;
    swapLimit: boolean;
    /** The kernel can limit the number of processes of a container. */
    pidsLimit: boolean;
    /** Bytes; Redis runs on 4096 only, 32-bit ARM QNAPs have 32768. */
    pageSize: number;
    /** Real path of the shared folder; "" when none was asked for. */
    sharedFolder: string;
    /** Who, besides administrators, may write in the shared folder, as far as the vendor's tools say. */
    shareWriters: string[];
    /** Real path of the data directory, which need not exist yet. */
    dataDirectory: string;
    /** Directory of this registry that only root can write in, outside every shared folder; it need not exist yet. */
    controlDirectory: string;
    /** Directories, space between them, that the vendor leaves open although it runs its own programs as root from there. */
    vendorGround: string;
    /** `uid:gid` of the containers and the images. */
    owner: string;
}

/** The shell of a script that needs root, as far as the SSH user can become that. */
export function rootShell(facts: pulumi.Output<NasFacts>): pulumi.Output<string> {
    return facts.apply(({ privilege }) => (privilege === "sudo" ? "sudo -n /bin/sh" : "/bin/sh"));
}

/** What the probe is asked to check. */
export interface ProbeSettings {
    vendor: NasVendor;
    /** Nothing asks for no folder. */
    sharedFolder: string | undefined;
    dataDirectory: string | undefined;
    containerName: string;
    /** User and group of the containers. */
    runAsUser: number;
}

/**
 * User and group of the containers, and owner of the images: a number that no NAS gives to people or programs. The probe
 * refuses it where the NAS has such a user all the same.
 *
 * - Linux: people end at 60000 and subordinate users begin at 100000 (UID_MAX and SUB_UID_MIN of shadow's login.defs);
 *   systemd's ranges end at 65535 and begin again at 524288 (its "Users, Groups, UIDs and GIDs").
 * - DSM: packages have 100000 to 300000 (Synology's developer guide, "Package User & Group"). People begin at 1024 and their
 *   groups at 65536, of which a NAS has some hundreds at most; no document of Synology's says so.
 * - QTS: people begin at 500 or 1000; no document of QNAP's says so.
 */
export const RUN_AS_USER = 91_600;

/** Tells what one component of one stack has made on a NAS from all else there. */
export interface Ownership {
    /** `project/stack`. */
    ownerLabel: string;
    /** Name of the component. */
    component: string;
}

/**
 * Reads the `name=value` lines that a script prints.
 *
 * @returns A function that throws for a name that is missing, which means that the script was cut short.
 */
export function parseLines(stdout: string): (name: string) => string {
    const lines = new Map(
        printable(stdout)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    return (name) => {
        const value = lines.get(name);
        if (value === undefined) {
            throw new Error(`the NAS's answer lacks '${name}': run 'pulumi up' again, and report this if it stays`);
        }
        return value;
    };
}

/**
 * Reads what probe.sh prints.
 *
 * @throws Error when a fact is missing.
 */
export function parseFacts(stdout: string): NasFacts {
    const fact = parseLines(stdout);
    return {
        firmware: fact("firmware"),
        package: fact("package"),
        docker: fact("docker"),
        dockerEnv: fact("dockerEnv"),
        daemonConfig: fact("daemonConfig"),
        privilege: fact("privilege") as Privilege,
        engineVersion: fact("engineVersion"),
        apiVersion: fact("apiVersion"),
        cpuQuota: fact("cpuQuota") === "true",
        memoryLimit: fact("memoryLimit") === "true",
        swapLimit: fact("swapLimit") === "true",
        pidsLimit: fact("pidsLimit") === "true",
        pageSize: Number(fact("pageSize")),
        sharedFolder: fact("sharedFolder"),
        shareWriters: fact("shareWriters").split(" ").filter(Boolean),
        dataDirectory: fact("dataDirectory"),
        controlDirectory: fact("controlDirectory"),
        vendorGround: fact("vendorGround"),
        owner: fact("owner"),
    };
}

/** Asks the NAS what it is and can do, and refuses what cannot work there, before anything on it is changed. */
export function probeNas(
    name: string,
    target: Target,
    settings: pulumi.Output<ProbeSettings>,
    opts: CustomResourceOptions,
): pulumi.Output<NasFacts> {
    const scripts = Object.values(vendors).map(({ script }) => `nas/${script}`);
    const probe = remoteScript(
        name,
        {
            target,
            files: ["nas/lib.sh", ...scripts, "nas/probe.sh"],
            values: settings.apply((asked) => ({
                vendor: asked.vendor,
                known_vendors: Object.keys(vendors).join(" "),
                shared_folder: asked.sharedFolder ?? "",
                data_directory: asked.dataDirectory ?? "",
                container_name: asked.containerName,
                run_as_user: asked.runAsUser,
                run_as_given: asked.runAsUser === RUN_AS_USER ? "" : "yes",
            })),
        },
        opts,
    );
    return pulumi.unsecret(probe.stdout).apply(parseFacts);
}

/** What the NAS cannot do and is therefore left out, one sentence each. */
export function missingAbilities(facts: NasFacts, wantsRedis: boolean): string[] {
    const missing: string[] = [];
    if (!facts.cpuQuota) {
        missing.push("the NAS's kernel has no CPU quota (CFS), so the containers run without a CPU limit");
    }
    if (!facts.memoryLimit) {
        missing.push("the NAS's kernel has no memory limits, so the containers run without them");
    }
    if (!facts.pidsLimit) {
        missing.push("the NAS's kernel or engine cannot limit processes, so the containers run without such a limit");
    }
    if (wantsRedis && !runsRedis(facts)) {
        missing.push(
            `Redis does not run on this NAS's memory pages of ${facts.pageSize} bytes, so its container stays stopped and the registry caches in its own memory`,
        );
    }
    return missing;
}

/** Redis' allocator aborts on pages of another size (`<jemalloc>: Unsupported system page size`). */
export function runsRedis(facts: NasFacts): boolean {
    return facts.pageSize === 4096;
}
