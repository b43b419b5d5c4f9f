/** The name that was probably meant by a misspelled one, or nothing when none is like it. */
export function nearest(name: string, names: string[]): string | undefined {
    const [best] = names
        .map((each) => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
        .filter(({ each, distance }) => distance <= Math.max(1, Math.floor(each.length / 3)))
        .sort((a, b) => a.distance - b.distance);
    return best?.each;
}

/** How many letters must be put in, taken out, changed, or swapped with the next one. */
function editDistance(a: string, b: string): number {
    const table = Array.from({ length: a.length + 1 }, (_, i) =>
        Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
    );
    const at = (i: number, j: number) => table[i]?.[j] ?? Infinity;
    table.slice(1).forEach((row, above) => {
        for (let j = 1; j <= b.length; j++) {
            const i = above + 1;
            const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
            const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
            row[j] = Math.min(changed, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1);
        }
    });
    return at(a.length, b.length);
}
