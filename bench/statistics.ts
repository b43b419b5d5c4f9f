/** The median of several runs, and how far they spread. */
export interface Spread {
    median: number;
    least: number;
    most: number;
}

/** @throws for no values, and for one that is no number: a measurement that went wrong is no result */
export function spread(values: readonly number[]): Spread {
    if (values.length === 0 || !values.every(Number.isFinite)) {
        throw new Error(`no median of [${values.join(", ")}]`);
    }
    const sorted = [...values].sort((a, b) => a - b);
    const at = (index: number) => sorted[index] ?? NaN;
    const middle = sorted.length / 2;
    const median = sorted.length % 2 === 0 ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
    return { median, least: at(0), most: at(sorted.length - 1) };
}

/** How many times the second each of the first is; both are of the same rounds, one value a round. */
export function ratios(values: readonly number[], others: readonly number[]): Spread {
    if (values.length !== others.length) {
        throw new Error(`${values.length} runs cannot be compared with ${others.length}`);
    }
    return spread(values.map((value, round) => value / (others[round] ?? NaN)));
}

/** The order of things in one round: each is first in turn, and every other round goes the other way. */
export function alternating<T>(things: readonly T[], round: number): T[] {
    const start = Math.floor(round / 2) % things.length;
    const turned = [...things.slice(start), ...things.slice(0, start)];
    return round % 2 === 0 ? turned : turned.reverse();
}
