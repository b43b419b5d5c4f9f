/**
 * An extended regular expression, the same for JavaScript and for awk, of the texts that patterns mean: `*` is anything without a
 * slash, `**` anything, `?` one character, `[0-9]` and `[!0-9]` one of these or another one.
 */
export function globsSource(patterns: readonly string[]): string {
    return `^(${patterns.map(globSource).join("|")})$`;
}

const PARTS = /\*\*\/|\*\*|\*|\?|\[!?[A-Za-z0-9_-]+\]|[A-Za-z0-9_/-]|\./g;

function globSource(pattern: string): string {
    return pattern.replace(PARTS, (part) => MEANINGS[part] ?? part.replace(/^\[!/, "[^"));
}

const MEANINGS: Record<string, string> = { "**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", ".": "[.]" };

export function isGlob(pattern: string): boolean {
    if (pattern === "" || pattern.replace(PARTS, "") !== "") {
        return false;
    }
    try {
        return RegExp(globSource(pattern)) instanceof RegExp;
    } catch {
        return false;
    }
}
