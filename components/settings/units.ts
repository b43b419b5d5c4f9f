const SIZE = /^(\d+)([kmg])$/;
const BYTES: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes in a size as Docker takes it, such as `512m`; NaN for any other text. */
export function bytesIn(text: string): number {
    const [, count, unit = ""] = SIZE.exec(text) ?? [];
    return text === "0" ? 0 : Number(count) * (BYTES[unit] ?? NaN);
}

/** Whole MiB in a size, which is what Docker's provider counts in. */
export function mebibytesIn(text: string): number {
    return Math.floor(bytesIn(text) / 2 ** 20);
}

const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const SECONDS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds in a duration as Go, and so distribution, writes it, such as `1h30m`; NaN for any other text. */
export function secondsIn(text: string): number {
    const parts = [...text.matchAll(DURATION_PART)];
    if (text !== "0" && (text === "" || parts.map(([part]) => part).join("") !== text)) {
        return NaN;
    }
    return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (SECONDS[unit] ?? NaN), 0);
}
