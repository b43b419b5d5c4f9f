import type { Standing } from "./standing";

const MINUTE = 60_000;
const COLUMNS = ["operation", "last run", "result", "next run", "what it said"];
/** The rest is in `--json`. */
const REPOSITORIES = 20;

/** What people read of a registry's operations; times are the NAS's own. */
export function page(standing: Standing): string {
    const time = (text?: string) => (text === undefined ? undefined : timeOf(text, standing.zone));
    const rows = standing.operations.map(({ operation, began, result, next, said }) => [
        operation,
        time(began) ?? "never",
        result ?? "-",
        time(next) ?? "-",
        said ?? "",
    ]);
    const lines = [
        `${standing.registry}, ${time(standing.at)} on the NAS`,
        "",
        ...(rows.length > 0 ? table([COLUMNS, ...rows]) : ["no operation has a schedule, and none has run"]),
        "",
        ...factsOf(standing, time).map(([name, text]) => `${name.padEnd(14)}${text}`),
        ...repositoriesOf(standing),
        "",
        ...standing.findings.map((each) => `finding: ${each}`),
        standing.findings.length === 0 ? "all is well" : `${standing.findings.length} in all`,
    ];
    return `${lines.join("\n")}\n`;
}

function factsOf(standing: Standing, time: (text?: string) => string | undefined): [string, string][] {
    const { state, version, writesBlocked, looked, images, disk, cache, certificates } = standing;
    const runs = `${state}${version ? `, release ${version}` : ""}${writesBlocked ? ", pushes are refused" : ""}`;
    const lookUps = (cache?.hits ?? 0) + (cache?.misses ?? 0);
    const share = lookUps === 0 ? "not asked yet" : percent((cache?.hits ?? 0) / lookUps);
    return [
        ["registry", runs],
        ...(looked ? [fact("scheduler", `looked at ${time(looked)} what is due`)] : []),
        ...(images
            ? [
                  fact(
                      "images",
                      `${sizeOf(images.bytes)}, ${sizeOf(images.unusedBytes)} of it in use by none, counted at ${time(images.measured)}`,
                  ),
              ]
            : []),
        ...(disk ? [fact("disk", `${sizeOf(disk.freeBytes)} of ${sizeOf(disk.bytes)} are free`)] : []),
        ...(disk ? [fact("growth", growth(disk))] : []),
        ...(cache ? [fact("cache", lookUps === 0 ? share : `${share} of ${lookUps} look-ups were hits`)] : []),
        ...certificates.map(({ subject, ends, days }) =>
            fact("certificate", `${subject} until ${ends.slice(0, 10)}, ${days} days`),
        ),
    ];
}

const fact = (name: string, text: string): [string, string] => [name, text];

function growth({ imagesPerDay, usedPerDay, daysToFull }: NonNullable<Standing["disk"]>): string {
    if (imagesPerDay === undefined || usedPerDay === undefined) {
        return "not known before the third day with a schedule";
    }
    const full = daysToFull === undefined ? "it does not fill" : `full in ${daysToFull} days`;
    return `images ${signed(imagesPerDay)} a day, all on the volume ${signed(usedPerDay)} a day: ${full}`;
}

function repositoriesOf({ images }: Standing): string[] {
    const all = images?.repositories ?? [];
    const sizes = all.slice(0, REPOSITORIES).map(({ bytes, name }) => `${sizeOf(bytes).padStart(12)}  ${name}`);
    return [
        ...(all.length > 0 ? ["", "by repository, what several share counted for each:", ...sizes] : []),
        ...(all.length > REPOSITORIES ? [`${" ".repeat(14)}and ${all.length - REPOSITORIES} more, see --json`] : []),
    ];
}

function table(rows: readonly (readonly string[])[]): string[] {
    const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    return rows.map((row) =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd(),
    );
}

/** `2026-11-28 03:30` on a clock so many minutes ahead of UTC. */
function timeOf(text: string, zone: number): string {
    return new Date(new Date(text).getTime() + zone * MINUTE).toISOString().slice(0, 16).replace("T", " ");
}

export function sizeOf(bytes: number): string {
    const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10)));
    return `${unit === 0 ? bytes : (bytes / 1024 ** unit).toFixed(1)} ${units[unit]}`;
}

const signed = (bytes: number) => `${bytes < 0 ? "" : "+"}${sizeOf(bytes)}`;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
