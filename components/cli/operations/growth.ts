const DAY = 24 * 60 * 60 * 1000;
/** What is older says little of what comes. */
const DAYS = 30;
/** Of fewer nothing follows. */
const LEAST_DAYS = 3;

/** What a volume had on a day, in bytes. */
export interface DayOfDisk {
    /** Milliseconds since 1970. */
    at: number;
    images: number;
    free: number;
}

/** How a volume fills, bytes a day. */
export interface Growth {
    imagesPerDay: number;
    /** By all that is on it. */
    usedPerDay: number;
    /** Whole days; missing when it does not grow. */
    daysToFull?: number;
}

/** By the line through the last thirty days that is nearest to them; undefined where there are too few. */
export function growthOf(days: readonly DayOfDisk[], free: number, now: number): Growth | undefined {
    const recent = days.filter(({ at }) => at > now - DAYS * DAY && at <= now);
    const times = recent.map(({ at }) => at / DAY);
    if (times.length < LEAST_DAYS) {
        return undefined;
    }
    const imagesPerDay = slope(
        times,
        recent.map(({ images }) => images),
    );
    const usedPerDay =
        0 -
        slope(
            times,
            recent.map((each) => each.free),
        );
    // What grows by less than a byte a day does not grow.
    const daysToFull = usedPerDay >= 1 ? { daysToFull: Math.floor(free / usedPerDay) } : {};
    return { imagesPerDay: Math.round(imagesPerDay), usedPerDay: Math.round(usedPerDay), ...daysToFull };
}

/** Of the line with the least squares. */
function slope(times: readonly number[], values: readonly number[]): number {
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    const [time, value] = [mean(times), mean(values)];
    const sum = (of: (index: number) => number) => times.reduce((all, _, index) => all + of(index), 0);
    const spread = sum((i) => ((times[i] ?? 0) - time) ** 2);
    return spread === 0 ? 0 : sum((i) => ((times[i] ?? 0) - time) * ((values[i] ?? 0) - value)) / spread;
}
