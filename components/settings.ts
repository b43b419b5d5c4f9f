import { isIP } from "node:net";

import type { NasRegistryArgs } from "./args";
import { hostKeyProblem } from "./nas/hostKey";
import type { Endpoint } from "./nas/connection";
import type { ProbeSettings } from "./nas/probe";
import { NasVendor, vendors } from "./nas/vendors";

/** The arguments without Inputs; the SSH key is not among them, so nothing of this is a secret. */
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

/** Every setting, checked and with its default filled in. */
export interface Settings extends ProbeSettings {
    endpoint: Endpoint;
    hostName: string;
    /** Names and addresses in the certificate, hostName first. */
    certificateNames: string[];
    username: string;
    image: string;
    redisImage: string;
    /** MiB. */
    memory: number;
    cpus: number;
    /** MiB. */
    redisMemory: number;
}

/** Every argument has a setting or is part of one. */
type Checked = Required<{ [name in keyof NasRegistryArgs]: unknown }> & Required<PlainArgs>;

/** A DNS name as in RFC 1123; underscores, which some home networks have, are let through. */
const DNS_NAME =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
/** Docker's own rule for container names. */
const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** A colon ends the name in an htpasswd file. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@-]*$/;
const LOGIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const IMAGE = /^[a-z0-9][A-Za-z0-9._:/@-]*$/;

/**
 * Fills in the defaults.
 *
 * @param name Name of the resource, the default of `containerName`.
 * @throws Error with one sentence for each argument that is wrong, all of them together.
 */
export function resolveSettings(name: string, args: PlainArgs): Settings {
    const problems = findProblems(args, args.containerName ?? name);
    if (problems.length > 0) {
        throw new Error(problems.join("\n"));
    }
    const vendor = vendors[args.vendor];
    const { host, hostKey, port = 22, user = "root" } = args.connection;
    const hostName = args.hostName ?? host;
    return {
        vendor: args.vendor,
        endpoint: { host, port, user, hostKey: hostKey.trim() },
        hostName,
        certificateNames: [...new Set([hostName, host, ...(args.certificateNames ?? [])])],
        port: args.port ?? vendor.defaultPort,
        sharedFolder: args.sharedFolder ?? vendor.defaultSharedFolder,
        dataDirectory: args.dataDirectory,
        containerName: args.containerName ?? name,
        username: args.username ?? "admin",
        image: args.image ?? "registry:3.1.2",
        redisImage: args.redisImage ?? "redis:7.2-alpine",
        memory: args.memory ?? 1024,
        cpus: args.cpus ?? 2,
        redisMemory: args.redisMemory ?? 256,
    };
}

/** One sentence for each wrong argument: its name, its value, and what is allowed. */
function findProblems(args: PlainArgs, containerName: string): string[] {
    const problems: string[] = [];
    const check = (
        property: keyof Checked | `connection.${string}`,
        value: unknown,
        isRight: boolean,
        allowed: string,
    ) => {
        if (value !== undefined && !isRight) {
            problems.push(`${property}: ${JSON.stringify(value)} is not allowed; it must be ${allowed}.`);
        }
    };
    const isHost = (value: string) => isIP(value) !== 0 || DNS_NAME.test(value);
    const isWholeNumber = (value: number, from: number, to: number) =>
        Number.isInteger(value) && value >= from && value <= to;
    const portRule = "a whole number from 1 to 65535";
    const hostRule = "a DNS name or an IP address, without scheme and port";
    const { host, port, user, hostKey } = args.connection;

    check("vendor", args.vendor, args.vendor in vendors, `one of ${Object.values(NasVendor).join(", ")}`);
    check("connection.host", host, isHost(host), hostRule);
    check("connection.port", port, isWholeNumber(port ?? 0, 1, 65535), portRule);
    check("connection.user", user, LOGIN_NAME.test(user ?? ""), "a login name");
    const keyProblem = hostKey ? hostKeyProblem(hostKey) : "is missing";
    if (keyProblem) {
        problems.push(
            `connection.hostKey: the host key ${keyProblem}; give the line that 'ssh-keyscan -t ed25519 -p ${port ?? 22} ${host}' prints, without the host's name in front: 'ssh-ed25519 AAAA…'.`,
        );
    }
    check("hostName", args.hostName, isHost(args.hostName ?? ""), hostRule);
    for (const each of args.certificateNames ?? []) {
        check("certificateNames", each, isHost(each), hostRule);
    }
    check("port", args.port, isWholeNumber(args.port ?? 0, 1, 65535), portRule);
    check(
        "sharedFolder",
        args.sharedFolder,
        /^[^@/.][^/\0\n]*$/.test(args.sharedFolder ?? ""),
        "the name of a shared folder, without slashes",
    );
    const vendor = args.vendor in vendors ? vendors[args.vendor] : undefined;
    check(
        "dataDirectory",
        args.dataDirectory,
        !vendor || isDataPath(args.dataDirectory ?? "", vendor.dataPath),
        `an absolute path inside a shared folder of the NAS, for instance ${vendor?.dataPathExample}`,
    );
    check(
        "containerName",
        containerName,
        CONTAINER_NAME.test(containerName),
        "two or more of a-z A-Z 0-9 _ . -, the first a letter or digit",
    );
    check(
        "username",
        args.username,
        USERNAME.test(args.username ?? ""),
        "letters, digits and . _ @ -, the first a letter or digit",
    );
    check("image", args.image, IMAGE.test(args.image ?? ""), "an image reference such as registry:3.1.2");
    check(
        "redisImage",
        args.redisImage,
        IMAGE.test(args.redisImage ?? ""),
        "an image reference such as redis:7.2-alpine",
    );
    check("memory", args.memory, isWholeNumber(args.memory ?? 0, 64, 1048576), "a whole number of MiB, at least 64");
    check("cpus", args.cpus, (args.cpus ?? 0) >= 0.1 && (args.cpus ?? 0) < 10, "a number of CPUs from 0.1 to 9.9");
    check(
        "redisMemory",
        args.redisMemory,
        isWholeNumber(args.redisMemory ?? 0, 16, 1048576),
        "a whole number of MiB, at least 16",
    );
    return problems;
}

function isDataPath(path: string, allowed: RegExp): boolean {
    const hasDots = path.split("/").some((part) => part === "." || part === "..");
    return allowed.test(path) && !hasDots && !/[\0-\x1f]/.test(path);
}
