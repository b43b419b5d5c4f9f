import damerauLevenshtein from "damerau-levenshtein";

/** The name that was probably meant by a misspelled one; undefined when none is like it. */
export function nearest(name: string, names: string[]): string | undefined {
    const [best] = names
        .map((each) => ({ each, mistakes: damerauLevenshtein(name.toLowerCase(), each.toLowerCase()).steps }))
        .filter(({ each, mistakes }) => mistakes <= Math.max(1, Math.floor(each.length / 3)))
        .sort((a, b) => a.mistakes - b.mistakes);
    return best?.each;
}
