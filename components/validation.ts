import { isIP } from "node:net";

import type { NasRegistryArgs } from "./args";
import { hostKeyProblem } from "./nas/hostKey";
import { NasVendor, vendors } from "./nas/vendors";

/** The arguments without Inputs and without the SSH key, so that nothing of them is a secret. */
export interface PlainArgs {
    vendor: NasVendor;
    connection: { host: string; port?: number; user?: string; hostKey: string };
    hostName?: string;
    certificateNames?: string[];
    port?: number;
    sharedFolder?: string;
    dataDirectory?: string;
    containerName?: string;
    username?: string;
    image?: string;
    redisImage?: string;
    memory?: number;
    cpus?: number;
    redisMemory?: number;
}

/** What is known of the arguments before any Output resolves. */
export type KnownArgs = Partial<Omit<PlainArgs, "connection">> & { connection: Partial<PlainArgs["connection"]> };

type Property = keyof NasRegistryArgs | `connection.${keyof PlainArgs["connection"]}`;

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
const HOST_RULE = "a DNS name or an IP address, without scheme and port";
const PORT_RULE = "a whole number from 1 to 65535";
const MOST_MEMORY = 1024 * 1024;

/**
 * Says what is wrong with the arguments: one sentence for each, with its name, its value and what is allowed.
 *
 * @param args Arguments left out are not checked, required ones included.
 * @param name Name of the resource, the default of `containerName`.
 */
export function findProblems(args: KnownArgs, name: string): string[] {
    const problems: string[] = [];
    const check = <T>(property: Property, value: T | undefined, isRight: (value: T) => boolean, allowed: string) => {
        if (value !== undefined && !isRight(value)) {
            problems.push(`${property}: ${JSON.stringify(value)} is not allowed; it must be ${allowed}.`);
        }
    };
    const isHost = (value: string) => isIP(value) !== 0 || DNS_NAME.test(value);
    const matches = (pattern: RegExp) => (value: string) => pattern.test(value);
    const isWhole = (from: number, to: number) => (value: number) =>
        Number.isInteger(value) && value >= from && value <= to;
    const { host, port, user, hostKey } = args.connection;

    check("vendor", args.vendor, (vendor) => vendor in vendors, `one of ${Object.values(NasVendor).join(", ")}`);
    check("connection.host", host, isHost, HOST_RULE);
    check("connection.port", port, isWhole(1, 65535), PORT_RULE);
    check("connection.user", user, matches(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/), "a login name");
    const keyProblem = hostKey === undefined ? undefined : hostKeyProblem(hostKey);
    if (keyProblem) {
        problems.push(
            `connection.hostKey: the host key ${keyProblem}; give the line that 'ssh-keyscan -t ed25519 -p ${port ?? 22} ${host ?? "HOST"}' prints, without the host's name in front: 'ssh-ed25519 AAAA…'.`,
        );
    }
    check("hostName", args.hostName, isHost, HOST_RULE);
    for (const each of args.certificateNames ?? []) {
        check("certificateNames", each, isHost, HOST_RULE);
    }
    check("port", args.port, isWhole(1, 65535), PORT_RULE);
    const folderRule = "the name of a shared folder, without slashes";
    check("sharedFolder", args.sharedFolder, matches(/^[^@/.][^/\0\n]*$/), folderRule);
    const vendor = args.vendor && args.vendor in vendors ? vendors[args.vendor] : undefined;
    if (vendor) {
        const pathRule = `an absolute path inside a shared folder of the NAS, for instance ${vendor.dataPathExample}`;
        check("dataDirectory", args.dataDirectory, (path) => isDataPath(path, vendor.dataPath), pathRule);
    }
    // Docker's own rule for names.
    const nameRule = "two or more of a-z A-Z 0-9 _ . -, the first a letter or digit";
    check("containerName", args.containerName ?? name, matches(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/), nameRule);
    // A colon would end the name in the htpasswd file.
    const userRule = "letters, digits and . _ @ -, the first a letter or digit";
    check("username", args.username, matches(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/), userRule);
    const isImage = matches(/^[a-z0-9][A-Za-z0-9._:/@-]*$/);
    check("image", args.image, isImage, "an image reference such as registry:3.1.2");
    check("redisImage", args.redisImage, isImage, "an image reference such as redis:7.2-alpine");
    check("memory", args.memory, isWhole(64, MOST_MEMORY), "a whole number of MiB, at least 64");
    check("cpus", args.cpus, (cpus) => cpus >= 0.1 && cpus < 10, "a number of CPUs from 0.1 to 9.9");
    check("redisMemory", args.redisMemory, isWhole(16, MOST_MEMORY), "a whole number of MiB, at least 16");
    return problems;
}

function isDataPath(path: string, allowed: RegExp): boolean {
    const hasDots = path.split("/").some((part) => part === "." || part === "..");
    return allowed.test(path) && !hasDots && !/[\0-\x1f]/.test(path);
}
