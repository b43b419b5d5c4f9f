import * as fs from "node:fs";
import { engines } from "./engines";
import { mirrorUrl } from "./mirror";
import { qnapAddressPool } from "./network";
import { mallory, superuser, type Nature } from "./nasOptions";
import { vendors, type Vendor } from "./vendors";

/** Where the files below lie inside a NAS; its scripts read them (lab/images/nas). */
export const givenFolder = "/usr/lib/nas-registry-lab/given";

/** The files that tell one simulated NAS what it is: name -> content. */
export function givenFiles(nas: Nature, hostKeyFile: string): Record<string, string> {
    return {
        "nas.env": environment(nas),
        "daemon.json": daemonFile(nas),
        authorized_keys: `${nas.authorizedKey}\n`,
        host_key: fs.readFileSync(hostKeyFile, "utf8"),
        "host_key.pub": fs.readFileSync(`${hostKeyFile}.pub`, "utf8"),
    };
}

function environment(nas: Nature): string {
    const values: Record<string, string> = {
        GIVEN: givenFolder,
        NAS_NAME: nas.name,
        DSM: nas.dsm,
        PACKAGE: packageId(nas),
        PACKAGE_STATE: nas.package,
        PACKAGE_CERTIFICATES: nas.certificates === "package" ? "1" : "",
        PACKAGE_START_RESETS: nas.packageStart === "resets" ? "1" : "",
        VOLUME: nas.volume,
        SHARED_FOLDER_ABSENT: nas.sharedFolder ? "" : "1",
        SHARE_WRITERS: nas.shareWriters.join(","),
        MALLORY: mallory(nas.vendor),
        SSHD_CONFIG: vendors[nas.vendor].sshdConfig,
        MAX_STARTUPS: nas.maxStartups,
        SUPERUSER: superuser(nas.vendor),
        LOGIN: nas.login.user,
        SUDO: nas.login.sudo,
        SOCKET_GROUP_REFUSES: nas.login.dockerSocket ? "" : "1",
        NO_CPU_QUOTA: nas.cpuQuota ? "" : "1",
        FOREIGN_CONTAINER: nas.foreignContainer,
        FOREIGN_PORTS: nas.foreignPorts.join(" "),
        WEB_API: String(nas.webApi),
    };
    const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
    return Object.entries(values)
        .map(([name, value]) => `${name}=${quote(value)}\n`)
        .join("");
}

/** Synology's package id; meaningless on QNAP. */
function packageId(nas: Nature): string {
    return nas.dsm === "7.2" ? "ContainerManager" : "Docker";
}

/** The daemon's file as the vendor delivers it, plus the lab's mirror and what the caller adds. */
export function daemonFile(nas: Nature): string {
    const { delivered, indent } = (daemonFiles[nas.vendor] ?? plainDaemonFile)(nas);
    return `${JSON.stringify({ ...delivered, ...imageStore(nas), ...nas.daemon }, null, indent)}\n`;
}

function imageStore({ engine }: Nature): object {
    return engines[engine].containerdStore ? { features: { "containerd-snapshotter": true } } : {};
}

interface DaemonFile {
    readonly delivered: object;
    /** 0 is one line. */
    readonly indent: number;
}

const daemonFiles: Partial<Record<Vendor, (nas: Nature) => DaemonFile>> = {
    qnap: ({ login }) => ({
        delivered: {
            "default-address-pools": [{ base: qnapAddressPool, size: 22 }],
            experimental: false,
            group: login.dockerSocket ? "administrators" : "docker",
            ip6tables: false,
            "log-driver": "json-file",
            "log-opts": { "max-file": "10", "max-size": "10m" },
            "registry-mirrors": [mirrorUrl],
        },
        indent: 2,
    }),
    synology: (nas) => ({
        delivered: {
            "data-root": `/var/packages/${packageId(nas)}/${nas.dsm === "6.2" ? "target/docker" : "var/docker"}`,
            // Not a default of Synology's: what owners add so that administrators may use the socket.
            ...(nas.login.dockerSocket ? { group: "administrators" } : {}),
            "log-driver": "db",
            "registry-mirrors": [mirrorUrl],
            "storage-driver": engines[nas.engine].containerdStore ? "overlayfs" : "overlay2",
        },
        // One line on DSM 7.2, several before.
        indent: nas.dsm === "7.2" ? 0 : 3,
    }),
};

/** Of a vendor that delivers none. */
function plainDaemonFile(): DaemonFile {
    return { delivered: { "registry-mirrors": [mirrorUrl] }, indent: 4 };
}
