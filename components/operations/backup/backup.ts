import { readFileSync } from "node:fs";
import * as path from "node:path";

import type * as pulumi from "@pulumi/pulumi";

import { bareHostKey, hostKeyProblem } from "../../nas/hostKey";
import { knownHostsLine } from "../../nas/connection";
import { privateKeyProblem, privateKeySpelling } from "../../nas/privateKey";
import { shellQuote, type ScriptValues } from "../../nas/script";
import { filled, type Known, type Plain } from "../../settings/section";
import type { Problems } from "../../settings/shape";
import { bytesIn } from "../../settings/units";

/** A server that is reached over SSH, and speaks SFTP. */
export interface SftpBackupArgs {
    /** Its name or address. @is host */
    host: pulumi.Input<string>;
    /** Its TCP port. @default 22 @is port */
    port?: pulumi.Input<number>;
    /** Somebody who may write there. @is loginName */
    user: pulumi.Input<string>;
    /** Directory there, for backups alone; it is made. @is like /^[^\x00-\x1f]+$/ a path */
    path: pulumi.Input<string>;
    /** Its host key, ed25519 or ECDSA, as `ssh-keyscan HOST` prints it. */
    hostKey: pulumi.Input<string>;
    /** Private key of the user in OpenSSH or PEM format, without passphrase; a secret. */
    privateKey: pulumi.Input<string>;
}

/** A bucket that speaks S3. */
export interface S3BackupArgs {
    /** URL of the server. @example "https://s3.eu-central-1.amazonaws.com" @is serverUrl */
    endpoint: pulumi.Input<string>;
    /** Name of the bucket. @is nameOf bucket */
    bucket: pulumi.Input<string>;
    /** Prefix of all keys, for backups alone. @default none @is like /^[A-Za-z0-9._/-]+$/ letters, digits and . _ - / */
    prefix?: pulumi.Input<string>;
    /** Region. @default the server's own @is name */
    region?: pulumi.Input<string>;
    /** Access key; a secret. @is secret name */
    accessKey: pulumi.Input<string>;
    /** Secret key; a secret. @is secret name */
    secretKey: pulumi.Input<string>;
    /** PEM of the authority of its certificate. @default the public ones @is certificates */
    caCertificate?: pulumi.Input<string>;
}

/** A server of restic's own, rest-server. */
export interface RestBackupArgs {
    /** URL of the repository there. @example "https://backups.lan:8000/registry" @is webUrl */
    url: pulumi.Input<string>;
    /** User there. @default none @is name */
    username?: pulumi.Input<string>;
    /** The user's password; a secret. @default none @is secret name */
    password?: pulumi.Input<string>;
    /** PEM of the authority of its certificate. @default the public ones @is certificates */
    caCertificate?: pulumi.Input<string>;
}

/** Where backups go (exactly one of `directory`, `sftp`, `s3` and `rest`), when, and which are kept. */
export interface BackupArgs {
    /**
     * Directory of the NAS: on another volume, a USB disk or a mounted share. It is made, and marked, so that the place of a disk that is
     * not plugged in is not taken for it. @default none @example "/volumeUSB1/usbshare/registry-backup"
     * @is like /^\/[^,"\x00-\x1f]*[^,"\/\x00-\x1f]$/ an absolute path without commas and quotes
     */
    directory?: pulumi.Input<string>;
    /** A server over SSH. @default none */
    sftp?: pulumi.Input<SftpBackupArgs>;
    /** A bucket that speaks S3. @default none */
    s3?: pulumi.Input<S3BackupArgs>;
    /** A server of restic's own. @default none */
    rest?: pulumi.Input<RestBackupArgs>;
    /**
     * What encrypts the backups; always a secret. Whoever lost it has no backup, so keep it elsewhere, too: it is the output `backupPassword`.
     * @default 40 letters and digits, generated once @is secret like /^[^\x00-\x1f\x7f]{8,}$/ at least 8 characters on one line
     */
    password?: pulumi.Input<string>;
    /** Cron expression, in the NAS's own time. @default "0 2 * * *" @is cron */
    schedule?: pulumi.Input<string>;
    /** Cron expression: when a sample is restored, served by a registry that nobody else reaches, and pulled. @default "0 5 1 * *" @is cron */
    rehearsal?: pulumi.Input<string>;
    /** Keeps so many of the newest backups, besides the following. @default none @is whole 1..10000 */
    keepLast?: pulumi.Input<number>;
    /** Keeps the newest backup of so many days. @default 7 @is whole 1..10000 */
    keepDaily?: pulumi.Input<number>;
    /** Keeps the newest backup of so many weeks. @default 4 @is whole 0..10000 */
    keepWeekly?: pulumi.Input<number>;
    /** Keeps the newest backup of so many months. @default 6 @is whole 0..10000 */
    keepMonthly?: pulumi.Input<number>;
    /** Reads a tenth of what is stored once a week, another one each time, and checks it. @default true */
    check?: pulumi.Input<boolean>;
    /** Uploads at most so much in a second. @default none @example "5m" @is size 1k..10g */
    uploadLimit?: pulumi.Input<string>;
    /** Image of restic, pulled by `up`. @default restic/restic:0.19.1 with its digest @example "mirror.lan/restic/restic:0.19.1" @is image restic/restic:0.19.1 */
    image?: pulumi.Input<string>;
}

const TARGETS = ["directory", "sftp", "s3", "rest"] as const;
/** Repositories of which a rehearsal takes an image. */
const REHEARSED = 5;
const IN_CONTAINER = "/etc/restic";

/** What no argument's own comment says. */
export function checkBackup(
    problems: Problems,
    args: Known<BackupArgs>,
    loopbackIn: (address: string | undefined) => string | undefined,
): void {
    const given = TARGETS.filter((target) => target in args);
    if (given.length !== 1) {
        problems.add(
            `operations.backup: ${given.join(" and ") || "no target"} is not allowed; give exactly one of ${TARGETS.join(", ")}.`,
        );
    }
    for (const [name, address] of Object.entries({
        "rest.url": args.rest?.url,
        "s3.endpoint": args.s3?.endpoint,
        "sftp.host": args.sftp?.host,
    })) {
        const host = loopbackIn(address);
        if (host) {
            problems.add(
                `operations.backup.${name}: ${host} is not allowed, where it is restic's own container; give the server's address in your network.`,
            );
        }
    }
    const { hostKey, privateKey } = args.sftp ?? {};
    const faults = {
        hostKey: hostKey === undefined ? undefined : hostKeyProblem(hostKey),
        privateKey: privateKey === undefined ? undefined : privateKeyProblem(privateKey),
    };
    if (faults.hostKey) {
        problems.add(
            `operations.backup.sftp.hostKey: the host key ${faults.hostKey}; give what 'ssh-keyscan -t ed25519 HOST' prints: 'ssh-ed25519 AAAA…'.`,
        );
    }
    if (faults.privateKey) {
        problems.add(`operations.backup.sftp.privateKey: ${faults.privateKey}`);
    }
    if (args.rest && "username" in args.rest !== "password" in args.rest) {
        problems.add("operations.backup.rest: username and password go together; give both or neither.");
    }
}

/** The cron expression of what belongs to backups. */
export function rehearsalOf(args: Plain<BackupArgs>): string {
    return args.rehearsal ?? "0 5 1 * *";
}

/** Values of backup.sh and restore.sh but the image and the password. */
export function backupValues(args: Plain<BackupArgs> | undefined): ScriptValues {
    const inside = ["backup", "restore"].map((folder) => path.join(__dirname, "..", folder, "inside.sh"));
    const { variables, options = "", files = {} } = targetOf(args ?? {});
    const kept = filled(args, { keepLast: 0, keepDaily: 7, keepWeekly: 4, keepMonthly: 6, check: true });
    const keep = { last: kept.keepLast, daily: kept.keepDaily, weekly: kept.keepWeekly, monthly: kept.keepMonthly };
    const limit = args?.uploadLimit && `--limit-upload ${Math.max(1, Math.floor(bytesIn(args.uploadLimit) / 1024))}`;
    const environment = {
        ...variables,
        ...(files.ca && { RESTIC_CACERT: `${IN_CONTAINER}/ca` }),
        RESTIC_PASSWORD_FILE: `${IN_CONTAINER}/password`,
        RESTIC_CACHE_DIR: "/cache",
        TMPDIR: "/tmp",
        // Less memory for a little more of the processor.
        GOGC: "50",
        // A line in ten seconds.
        RESTIC_PROGRESS_FPS: "0.1",
    };
    const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuote(value)}\n`);
    return {
        restic_inside: inside.map((file) => readFileSync(file, "utf8")).join(""),
        restic_environment: args ? lines.join("") + options : "",
        restic_files: Object.keys(files).join(" "),
        ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`restic_file_${name}`, text])),
        restic_network: args?.directory ? "none" : "bridge",
        backup_directory: args?.directory ?? "",
        backup_options: limit ?? "",
        keep_options: Object.entries(keep)
            .filter(([, count]) => count > 0)
            .map(([name, count]) => `--keep-${name} ${count}`)
            .join(" "),
        backup_check: kept.check ? "yes" : "",
        rehearsed: REHEARSED,
    };
}

interface Target {
    variables: Record<string, string>;
    /** Shell text that puts options before those of a command. */
    options?: string;
    /** Beside the variables in the container. */
    files?: Record<string, string>;
}

function targetOf({ sftp, s3, rest }: Plain<BackupArgs>): Target {
    if (sftp) {
        const { host, port = 22, user, path, hostKey, privateKey } = sftp;
        const known = { host, port, user, hostKey: bareHostKey(hostKey) };
        const ssh = `-i ${IN_CONTAINER}/key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${IN_CONTAINER}/known_hosts`;
        const at = host.includes(":") ? `[${host}]` : host;
        const inUrl = path.split("/").map(encodeURIComponent).join("/");
        return {
            variables: { RESTIC_REPOSITORY: `sftp://${encodeURIComponent(user)}@${at}:${port}/${inUrl}` },
            options: `set -- -o sftp.args=${shellQuote(ssh)} "$@"\n`,
            files: { key: privateKeySpelling(privateKey), known_hosts: knownHostsLine(known) },
        };
    }
    if (s3) {
        const { endpoint, bucket, prefix, region, accessKey, secretKey, caCertificate } = s3;
        return {
            variables: {
                RESTIC_REPOSITORY: `s3:${[endpoint, bucket, ...(prefix ? [prefix] : [])].join("/")}`,
                AWS_ACCESS_KEY_ID: accessKey,
                AWS_SECRET_ACCESS_KEY: secretKey,
                ...(region && { AWS_DEFAULT_REGION: region }),
            },
            files: { ...(caCertificate && { ca: caCertificate }) },
        };
    }
    if (rest) {
        const { url, username, password, caCertificate } = rest;
        return {
            variables: {
                RESTIC_REPOSITORY: `rest:${url}`,
                ...(username && { RESTIC_REST_USERNAME: username, RESTIC_REST_PASSWORD: password ?? "" }),
            },
            files: { ...(caCertificate && { ca: caCertificate }) },
        };
    }
    return { variables: { RESTIC_REPOSITORY: "/backup" } };
}
