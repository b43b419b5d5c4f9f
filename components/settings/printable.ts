/** C0 but for tab and newline, DEL, C1, and what turns the direction of the text that follows. */
const UNPRINTABLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/**
 * What a machine or a tool said, without anything that a terminal would obey instead of showing it: of an escape sequence
 * the harmless rest stays to be seen. Lines stay lines.
 *
 * Applied once, where such a text comes in.
 */
export function printable(said: string): string {
    return said.replace(UNPRINTABLE, "").replaceAll("\t", " ");
}

/** A name in a certificate, which has a line for each of its parts, on one line. */
export function printableName(name: string): string {
    return printable(name).replaceAll("\n", ", ");
}
