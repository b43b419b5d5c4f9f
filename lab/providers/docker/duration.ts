const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A Go duration ("1m30s") in nanoseconds, as Docker's API wants it. */
export function parseDuration(text: string): number | undefined {
    if (text === "0") {
        return 0;
    }
    if (!/^([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) {
        return undefined;
    }
    return [...text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g)].reduce(
        (sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0),
        0,
    );
}

/** Nanoseconds as Go prints a duration: "1m0s", "1.5s", "200ms". */
export function formatDuration(nanoseconds: number): string {
    if (nanoseconds === 0) {
        return "0s";
    }
    if (nanoseconds < 1e9) {
        const [unit, size]: [string, number] =
            nanoseconds < 1e3 ? ["ns", 1] : nanoseconds < 1e6 ? ["µs", 1e3] : ["ms", 1e6];
        return `${nanoseconds / size}${unit}`;
    }
    const hours = Math.floor(nanoseconds / 3600e9);
    const minutes = Math.floor((nanoseconds % 3600e9) / 60e9);
    const seconds = (nanoseconds % 60e9) / 1e9;
    return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${seconds}s`;
}
