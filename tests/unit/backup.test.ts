import { generateKeyPairSync } from "node:crypto";

import { describe, expect, test } from "vitest";

import { backupValues } from "../../components/operations/backup/backup";
import { scheduleOf } from "../../components/operations/operations";
import { certificatePem, hostKey, required } from "./arguments";
import { saidOf } from "./combinations";

const directory = "/volumeUSB1/usbshare/backup";
const { privateKey } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
});
const sftp = { host: "backups.lan", user: "nas", path: "/srv/registry", hostKey, privateKey };
const s3 = { endpoint: "https://s3.lan:9000", bucket: "backups", accessKey: "nas", secretKey: "s3cret of the bucket" };
const rest = { url: "https://backups.lan:8000/registry", username: "nas", password: "s3cret of the server" };

describe("a backup's arguments", () => {
    const problemsOf = (backup: object) => saidOf({ ...required, operations: { backup } }).problems;

    test.each<[string, object]>([
        ["a directory", { directory }],
        ["SFTP", { sftp }],
        ["S3", { s3: { ...s3, prefix: "one/two", caCertificate: certificatePem } }],
        ["rest-server", { rest, uploadLimit: "5m", keepLast: 3, password: "sesame of the backups" }],
    ])("for %s are right", (_, backup) => {
        expect(problemsOf(backup)).toEqual([]);
    });

    test.each<[string, object, string | RegExp]>([
        [
            "no target",
            {},
            /^operations\.backup: no target is not allowed; give exactly one of directory, sftp, s3, rest/,
        ],
        ["two targets", { directory, rest }, /^operations\.backup: directory and rest is not allowed/],
        ["a relative directory", { directory: "backup" }, /^operations\.backup\.directory: "backup" is not allowed/],
        ["the root", { directory: "/" }, /^operations\.backup\.directory/],
        ["a directory with a comma", { directory: "/a,b" }, /^operations\.backup\.directory/],
        ["a directory with a line break", { directory: "/a\nb" }, /^operations\.backup\.directory/],
        ["a short password", { directory, password: "short" }, /^operations\.backup\.password: the value given/],
        ["no host key", { sftp: { ...sftp, hostKey: undefined } }, /hostKey/],
        ["a wrong host key", { sftp: { ...sftp, hostKey: "ssh-rsa AAAA" } }, /^operations\.backup\.sftp\.hostKey/],
        [
            "a wrong key",
            { sftp: { ...sftp, privateKey: "s3cret" } },
            /^operations\.backup\.sftp\.privateKey: (?!.*s3cret)/,
        ],
        ["a user without password", { rest: { ...rest, password: undefined } }, /password/],
        [
            "itself",
            { rest: { url: "http://127.0.0.1:8000" } },
            /^operations\.backup\.rest\.url: 127\.0\.0\.1 is not allowed/,
        ],
        ["itself by name", { s3: { ...s3, endpoint: "http://localhost:9000" } }, /^operations\.backup\.s3\.endpoint/],
        ["too little upload", { directory, uploadLimit: "1" }, /^operations\.backup\.uploadLimit/],
        ["no days", { directory, keepDaily: 0 }, /^operations\.backup\.keepDaily: 0 is not allowed/],
    ])("with %s are refused", (_, backup, sentence) => {
        const problems = problemsOf(JSON.parse(JSON.stringify(backup)) as object);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatch(sentence);
    });
});

describe("what the program reads of a backup", () => {
    test("has one target each, and its files", () => {
        expect(backupValues({ directory })).toMatchObject({
            backup_directory: directory,
            restic_network: "none",
            restic_files: "",
        });
        expect(backupValues({ sftp })).toMatchObject({
            backup_directory: "",
            restic_network: "bridge",
            restic_files: "key known_hosts",
        });
        expect(backupValues({ sftp }).restic_environment).toContain(
            "RESTIC_REPOSITORY='sftp://nas@backups.lan:22//srv/registry'",
        );
        // restic reads it as a URL.
        expect(backupValues({ sftp: { ...sftp, path: "/srv/50 %/is it #1?" } }).restic_environment).toContain(
            "'sftp://nas@backups.lan:22//srv/50%20%25/is%20it%20%231%3F'",
        );
        const trusted = { ...rest, caCertificate: certificatePem };
        expect(backupValues({ rest: trusted })).toMatchObject({ restic_files: "ca", restic_file_ca: certificatePem });
        expect(backupValues({ s3: { ...s3, prefix: "a/b" } }).restic_environment).toContain(
            "'s3:https://s3.lan:9000/backups/a/b'",
        );
    });

    test("is quoted for the shell that reads it", () => {
        expect(backupValues({ rest: { ...rest, password: "it's" } }).restic_environment).toContain(`='it'\\''s'\n`);
    });

    test("keeps what is asked for", () => {
        expect(backupValues({ directory }).keep_options).toBe("--keep-daily 7 --keep-weekly 4 --keep-monthly 6");
        const args = { directory, keepLast: 2, keepDaily: 1, keepWeekly: 0, keepMonthly: 0, uploadLimit: "5m" };
        expect(backupValues(args)).toMatchObject({
            keep_options: "--keep-last 2 --keep-daily 1",
            backup_options: "--limit-upload 5120",
        });
    });

    test("is nothing without a backup", () => {
        expect(backupValues(undefined)).toMatchObject({
            restic_environment: "",
            backup_directory: "",
            restic_files: "",
        });
    });
});

test("a backup comes with a rehearsal once a month", () => {
    expect(scheduleOf({ backup: { directory } })).toEqual({ backup: "0 2 * * *", rehearse: "0 5 1 * *" });
    expect(scheduleOf({ backup: { directory, schedule: "@daily", rehearsal: "0 6 1 * *" } })).toEqual({
        backup: "@daily",
        rehearse: "0 6 1 * *",
    });
});
