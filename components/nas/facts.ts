import { printable } from "../settings/printable";
import { chattyShell } from "./connectionErrors";

/** How scripts become root on the NAS: they are, by `sudo -n`, or not at all (the user may open the Docker socket). */
export type Privilege = "root" | "sudo" | "group";

const text = (said: string) => said;
const flag = (said: string) => said === "true";

/** What one look at the NAS finds out: each line that probe.sh prints, and how it is read. {@link NasProbe} documents its own. */
const FACTS = {
    firmware: text,
    package: text,
    docker: text,
    /** `NAME=value` to set for the docker command; may be empty. */
    dockerEnv: text,
    daemonConfig: text,
    privilege: (said: string) => said as Privilege,
    engineVersion: text,
    apiVersion: text,
    cpuQuota: flag,
    memoryLimit: flag,
    swapLimit: flag,
    /** The kernel can limit the number of processes of a container. */
    pidsLimit: flag,
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

/** Reads what probe.sh prints. @throws Error when a fact is missing, and when something else stands before the first. */
export function parseFacts(stdout: string): NasFacts {
    const [said = "", ...answer] = printable(stdout).split("firmware=");
    const before = said.replaceAll(/^warning=.*\n/gm, "");
    if (before !== "" && answer.length > 0) {
        throw new Error(chattyShell(before));
    }
    const facts = Object.entries(FACTS).map(([name, read]) => [name, read(lineOf(stdout, name))]);
    return Object.fromEntries(facts) as NasFacts;
}

/** The value of a `name=value` line that a script prints. @throws Error when it is missing, since the script was cut short. */
export function lineOf(stdout: string, name: string): string {
    const lines = printable(stdout).split("\n");
    const line = lines.filter((each) => each.startsWith(`${name}=`)).at(-1);
    if (line === undefined) {
        throw new Error(`the NAS's answer lacks '${name}': run 'pulumi up' again, and report this if it stays`);
    }
    return line.slice(name.length + 1);
}
