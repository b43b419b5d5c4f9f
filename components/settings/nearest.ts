import { distance } from "fastest-levenshtein";

/** The name that was probably meant by a misspelled one; undefined when none is like it. */
export function nearest(name: string, names: string[]): string | undefined {
    const [best] = names
        .map((each) => ({ each, mistakes: mistakes(name.toLowerCase(), each.toLowerCase()) }))
        .filter(({ each, mistakes }) => mistakes <= Math.max(1, Math.floor(each.length / 3)))
        .sort((a, b) => a.mistakes - b.mistakes);
    return best?.each;
}

/** Two letters that changed places are one mistake. */
function mistakes(a: string, b: string): number {
    const letters = (text: string) => Array.from(text).sort().join("");
    const changes = distance(a, b);
    return changes === 2 && letters(a) === letters(b) ? 1 : changes;
}
