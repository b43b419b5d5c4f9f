import type { Spread } from "../statistics";

/** A table; the first column holds text, the others figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = head.map((title, column) =>
        Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const line = (cells: readonly string[]) =>
        `| ${widths.map((width, column) => padded(cells[column] ?? "", width, column)).join(" | ")} |`;
    const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
    return `${[line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n")}\n`;
}

function padded(text: string, width: number, column: number): string {
    return column === 0 ? text.padEnd(width) : text.padStart(width);
}

/** Three digits that count, and no more decimals than these: 0.123, 1.23, 12.3, 123, 1234. */
export function figure(value: number): string {
    if (value === 0) return "0";
    const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
    return value.toFixed(Math.min(decimals, 3));
}

/** A median and the least and the most behind it; alone where all runs are the same. */
export function figures({ median, least, most }: Spread, unit = ""): string {
    const range = least === most ? "" : ` (${figure(least)}–${figure(most)})`;
    return `${figure(median)}${unit}${range}`;
}
