import type { X509Certificate } from "node:crypto";

import { coerce, lt } from "semver";

import { daysLeft, subjectOf, WARNING_DAYS } from "../../certificates/pem";
import { nextRun } from "../../operations/schedule/schedule";
import { HOLES, OLDEST_VERSION } from "../../registry/sections/images";
import { growthOf, type Growth } from "./growth";
import type { Result } from "./operation";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The NAS's scheduler looks every five minutes what is due; a NAS that starts, or is busy, takes longer. */
const LATE = 30 * MINUTE;
/** An operation may run for hours, and what is due waits for it. */
const TOO_LONG = DAY;
const GIB = 2 ** 30;
/** As with certificates, a person needs time. */
const DAYS_TO_FULL = 30;

/** How a registry and its operations are; `--json` prints it. Times are in UTC, sizes in bytes. */
export interface Standing {
    registry: string;
    /** By the NAS's clock, which may be {@link zone} minutes ahead of UTC. */
    at: string;
    zone: number;
    /** What somebody should know or do; none when all is well. */
    findings: string[];
    operations: OperationStanding[];
    /** When the NAS's scheduler last looked what is due; missing without a schedule. */
    looked?: string;
    state: string;
    version?: string;
    /** Pushes and deletes are refused, as during garbage collection. */
    writesBlocked: boolean;
    /** Missing where images are kept elsewhere, or the registry does not run. */
    images?: { measured: string; bytes: number; unusedBytes: number; repositories: { name: string; bytes: number }[] };
    disk?: { bytes: number; freeBytes: number } & Partial<Growth>;
    cache?: { hits: number; misses: number };
    certificates: { subject: string; ends: string; days: number }[];
}

interface OperationStanding {
    operation: string;
    /** Cron expression, in the NAS's time. */
    schedule?: string;
    next?: string;
    /** Of the last run; none when there was none. */
    began?: string;
    ended?: string;
    /** `interrupted` when it was, and nothing has put that right yet. */
    result?: string;
    said?: string;
    /** All that it noted, in words of its own. */
    noted: Result;
}

/**
 * @param said What the program on the NAS says of itself.
 * @param problems What is not as `up` left it.
 */
export function standingOf(
    registry: string,
    said: Result,
    { certificates, problems }: { certificates: readonly X509Certificate[]; problems: readonly string[] },
): Standing {
    const now = new Date(Number(said.now) * 1000);
    const zone = minutesIn(said.zone);
    const isBusy = said.busy === "yes";
    const looked = dateIn(said.ticked);
    const operations = operationsIn(said, now, zone, isBusy);
    const disk = diskIn(said, now);
    const [state = "", health] = (said.state ?? "").split(" ");
    const standing = {
        registry,
        at: now.toISOString(),
        zone,
        operations,
        ...(looked && operations.some(({ schedule }) => schedule) && { looked: looked.toISOString() }),
        state: state === "running" && health ? `${state}, ${health}` : state,
        ...(said.version && { version: said.version }),
        writesBlocked: said.writes === "blocked",
        ...imagesIn(said),
        ...(disk && { disk }),
        ...(said.cache_hits && { cache: { hits: Number(said.cache_hits), misses: Number(said.cache_misses ?? 0) } }),
        certificates: certificates.map((each) => ({
            subject: subjectOf(each),
            ends: new Date(each.validTo).toISOString(),
            days: daysLeft(each, now),
        })),
    };
    return { ...standing, findings: [...findingsOf(standing, now, isBusy), ...problems] };
}

function operationsIn(said: Result, now: Date, zone: number, isBusy: boolean): OperationStanding[] {
    const of = new Map<string, Result>();
    for (const [name, value] of Object.entries(said)) {
        const [, operation, key] = /^([a-z]+)\.([a-z_]+)$/.exec(name) ?? [];
        if (operation && key) {
            of.set(operation, { ...of.get(operation), [key]: value });
        }
    }
    return [...of].map(([operation, { schedule, began, ended, result, said: sentence, pid: _, ...rest }]) => ({
        operation,
        ...(schedule && { schedule, next: nextRun(schedule, now, zone)?.toISOString() }),
        ...(dateIn(began) && { began: dateIn(began)?.toISOString() }),
        ...(dateIn(ended) && { ended: dateIn(ended)?.toISOString() }),
        ...(result && { result: result === "running" && !isBusy ? "interrupted" : result }),
        ...(sentence && { said: sentence }),
        noted: rest,
    }));
}

function findingsOf(standing: Omit<Standing, "findings">, now: Date, isBusy: boolean): string[] {
    const { operations, looked, state, version, writesBlocked, disk, certificates } = standing;
    const late = looked ? now.getTime() - new Date(looked).getTime() : 0;
    const ofOperations = operations.flatMap(({ operation, result, said = "", schedule }) => {
        const due = schedule && looked && nextRun(schedule, new Date(looked), standing.zone);
        const isOverdue = due && now.getTime() - due.getTime() > (isBusy ? TOO_LONG : LATE);
        return [
            result === "failed" && `${operation} failed: ${said}`,
            result === "warning" && `${operation}: ${said}`,
            result === "interrupted" && `${operation} was interrupted: what it has left is put right by the next run`,
            isOverdue && `${operation} is overdue since ${due.toISOString().slice(0, 16)}Z`,
        ];
    });
    const { freeBytes = Infinity, daysToFull = Infinity } = disk ?? {};
    return [
        ...ofOperations,
        late > (isBusy ? TOO_LONG : LATE) &&
            (isBusy
                ? "an operation runs for more than a day, and what is due waits for it: see 'nas-registry logs'"
                : `the NAS's scheduler has not looked since ${looked?.slice(0, 16)}Z what is due: see whether its task is there and enabled, and run 'pulumi up' otherwise`),
        !/^running(, (healthy|starting))?$/.test(state) && `the registry is not well: its container is ${state}`,
        lt(coerce(version) ?? OLDEST_VERSION, OLDEST_VERSION) &&
            `the registry is of release ${version} and has known holes, ${HOLES}: use ${OLDEST_VERSION} or newer`,
        writesBlocked &&
            !isBusy &&
            "pushes and deletes are refused though no operation runs: run one, 'nas-registry gc' for instance, which ends that",
        freeBytes < GIB && `the volume of the images has less than 1 GiB free`,
        daysToFull < DAYS_TO_FULL && `the volume of the images is full in ${daysToFull} days, as it grows now`,
        ...certificates.map(
            ({ subject, days, ends }) =>
                days < WARNING_DAYS &&
                `the certificate ${subject} ${days < 0 ? "has ended" : `ends in ${days} days`}, on ${ends.slice(0, 10)}`,
        ),
    ].filter((each) => typeof each === "string");
}

function imagesIn(said: Result): Pick<Standing, "images"> {
    const measured = dateIn(said.measured);
    if (!measured) {
        return {};
    }
    const repositories = Object.entries(said)
        .filter(([name]) => name.startsWith("repository/"))
        .map(([name, bytes]) => ({ name: name.slice("repository/".length), bytes: Number(bytes) }))
        .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
    const [bytes, unusedBytes] = [Number(said.images_bytes ?? 0), Number(said.unused_bytes ?? 0)];
    return { images: { measured: measured.toISOString(), bytes, unusedBytes, repositories } };
}

function diskIn(said: Result, now: Date): Standing["disk"] {
    if (!said.free_bytes) {
        return undefined;
    }
    const [bytes, freeBytes] = [Number(said.disk_bytes), Number(said.free_bytes)];
    const days = Object.entries(said)
        .filter(([name]) => name.startsWith("day/"))
        .map(([name, text]) => {
            const [images = 0, free = 0] = text.split(" ").map(Number);
            return { at: Number(name.slice("day/".length)) * 1000, images, free };
        });
    return { bytes, freeBytes, ...growthOf(days, freeBytes, now.getTime()) };
}

/** `+0130`. */
function minutesIn(zone = ""): number {
    const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

function dateIn(seconds: string | undefined): Date | undefined {
    return /^\d{1,12}$/.test(seconds ?? "") ? new Date(Number(seconds) * 1000) : undefined;
}
