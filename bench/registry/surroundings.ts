/** A slower machine: what a NAS has of a processor and of disks, made of this one. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Bench } from "../part";

/** Milliseconds in which a group has its share of the processor; short, or small requests would not notice it. */
const PERIOD = 10;
/** A single disk of 7200 revolutions a minute. */
export const DISK = { operations: 120, mebibytes: 120 };
const LIMITS = [
    ["iops_device", DISK.operations],
    ["bps_device", DISK.mebibytes * 2 ** 20],
] as const;

/** What a slow disk holds at most: the images of one round. */
const GIBIBYTES = 2;

const groups = "/sys/fs/cgroup";

/**
 * A control group whose processes have so many processors together.
 *
 * @returns its directory; undefined where control groups are not of version 1, or this is not root
 */
export function cpuShare(processors: number, opened: Bench["opened"]): string | undefined {
    const mine = /^\d+:cpu(?:,cpuacct)?:(.*)$/m.exec(fs.readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "";
    const group = path.join(groups, "cpu", mine, `nas-registry-bench-${process.pid}`);
    try {
        fs.mkdirSync(group);
        fs.writeFileSync(path.join(group, "cpu.cfs_period_us"), String(PERIOD * 1000));
        fs.writeFileSync(path.join(group, "cpu.cfs_quota_us"), String(processors * PERIOD * 1000));
    } catch {
        return undefined;
    }
    opened(() => removeGroup(group));
    return group;
}

/** Its processes have been killed, and may take a moment to end. */
function removeGroup(group: string): void {
    for (let tries = 0; ; tries++) {
        try {
            fs.rmdirSync(group);
            return;
        } catch (error) {
            if (tries === 20) throw error;
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        }
    }
}

/**
 * Mounts a file system on a disk that does so many operations and mebibytes a second, reads and writes each: a loop device that is throttled
 * for all of the machine, so that its journal is as slow as its files.
 *
 * @param image File that holds it, made here.
 * @returns whether this machine can do it: as root, with control groups of version 1
 */
export function mountSlowDisk(directory: string, image: string, opened: Bench["opened"]): boolean {
    const throttle = path.join(groups, "blkio");
    if (process.getuid?.() !== 0 || !fs.existsSync(path.join(throttle, "blkio.throttle.read_iops_device")))
        return false;
    fs.mkdirSync(directory, { recursive: true });
    fs.closeSync(fs.openSync(image, "w"));
    fs.truncateSync(image, GIBIBYTES * 2 ** 30);
    execFileSync("mkfs.ext4", ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]);
    const device = execFileSync("losetup", ["--find", "--show", "--direct-io=on", image], { encoding: "utf8" }).trim();
    const number = execFileSync("lsblk", ["--noheadings", "--nodeps", "--output", "MAJ:MIN", device], {
        encoding: "utf8",
    }).trim();
    const limit = (share: number) => {
        for (const [name, value] of LIMITS) {
            for (const direction of ["read", "write"]) {
                fs.writeFileSync(
                    path.join(throttle, `blkio.throttle.${direction}_${name}`),
                    `${number} ${share * value}`,
                );
            }
        }
    };
    opened(() => void execFileSync("losetup", ["--detach", device]));
    execFileSync("mount", [device, directory]);
    // A zero takes the limit away, and the device's number is free for others afterwards.
    opened(() => {
        limit(0);
        execFileSync("umount", ["--lazy", directory]);
    });
    limit(1);
    return true;
}

/** Writes what is to be written on the file system of a directory, so that nobody else pays for it. */
export function settle(directory: string): void {
    execFileSync("sync", ["--file-system", directory]);
}

/** Forgets what files have been read, names of directories included. @returns whether this is allowed */
export function dropCaches(directory: string): boolean {
    settle(directory);
    try {
        fs.writeFileSync("/proc/sys/vm/drop_caches", "3");
        return true;
    } catch {
        return false;
    }
}
