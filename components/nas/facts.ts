import { printable } from "../settings/printable";

/** How scripts become root on the NAS: they are, by `sudo -n`, or not at all (the user may open the Docker socket). */
export type Privilege = "root" | "sudo" | "group";

const text = (said: string) => said;
const flag = (said: string) => said === "true";

/** What one look at the NAS finds out: each line that probe.sh prints, and how it is read. */
const FACTS = {
    /** For instance `DSM 7.2.2-72806` or `QTS 5.2.1`. */
    firmware: text,
    /** Package that holds the engine: `ContainerManager`, `Docker` or `container-station`. */
    package: text,
    /** Absolute path of the docker command. */
    docker: text,
    /** `NAME=value` to set for the docker command; may be empty. */
    dockerEnv: text,
    /** Absolute path of the Docker daemon's configuration. */
    daemonConfig: text,
    privilege: (said: string) => said as Privilege,
    engineVersion: text,
    apiVersion: text,
    /** The kernel can limit CPU time; many Synology kernels cannot. */
    cpuQuota: flag,
    memoryLimit: flag,
    swapLimit: flag,
    /** The kernel can limit the number of processes of a container. */
    pidsLimit: flag,
    /** Bytes; Redis runs on 4096 only, 32-bit ARM QNAPs have 32768. */
    pageSize: Number,
    /** Real path of the shared folder; "" when none was asked for. */
    sharedFolder: text,
    /** Who, besides administrators, may write in the shared folder, as far as the vendor's tools say. */
    shareWriters: (said: string) => said.split(" ").filter(Boolean),
    /** Real path of the data directory, which need not exist yet. */
    dataDirectory: text,
    /** Directory of this registry that only root can write in, outside every shared folder; it need not exist yet. */
    controlDirectory: text,
    /** Directories, space between them, that the vendor leaves open although it runs its own programs as root from there. */
    vendorGround: text,
    /** `uid:gid` of the containers and the images. */
    owner: text,
    /** What to know of this NAS before anything is changed on it; "" mostly. */
    warnings: text,
};

export type NasFacts = { [Name in keyof typeof FACTS]: ReturnType<(typeof FACTS)[Name]> };

/**
 * Reads what probe.sh prints.
 *
 * @throws Error when a fact is missing.
 */
export function parseFacts(stdout: string): NasFacts {
    const fact = parseLines(stdout);
    return Object.fromEntries(Object.entries(FACTS).map(([name, read]) => [name, read(fact(name))])) as NasFacts;
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
