import type { Spread } from "../statistics";
import { figure } from "./markdown";

export interface Bar {
    label: string;
    value: Spread;
    /** Which of the colours; those of one kind have the same in all groups. */
    kind: number;
}

export interface Group {
    title: string;
    bars: readonly Bar[];
}

const colours = ["#1f6feb", "#b35900", "#8250df", "#57606a", "#1a7f37", "#a40e26"];
/** Of a letter in the widest of usual fonts, on an average, and of all else. */
const size = { letter: 7, width: 760, value: 140, bar: 16, gap: 4, title: 26, head: 44 };

/** Horizontal bars of medians from zero, each with a line from the least to the most, as an SVG picture. */
export function barChart(title: string, unit: string, groups: readonly Group[]): string {
    const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value.most)));
    const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ label }) => label.length)));
    const left = 16 + longest * size.letter;
    const scale = (size.width - left - size.value) / (most || 1);
    const shapes: string[] = [];
    let top = size.head;
    for (const group of groups) {
        shapes.push(text(8, top + 16, group.title, 'font-weight="600"'));
        top += size.title;
        for (const { label, value, kind } of group.bars) {
            const middle = top + size.bar / 2;
            const at = (amount: number) => Math.round((left + amount * scale) * 10) / 10;
            const width = Math.max(at(value.median) - left, 0.5);
            const colour = colours[kind % colours.length];
            shapes.push(
                text(left - 8, middle + 4, label, 'text-anchor="end"'),
                `<rect x="${left}" y="${top}" width="${width}" height="${size.bar}" fill="${colour}"/>`,
                `<path d="M${at(value.least)} ${middle}H${at(value.most)}M${at(value.least)} ${middle - 4}v8M${at(value.most)} ${middle - 4}v8" stroke="#24292f" stroke-width="1.5"/>`,
                text(at(value.most) + 6, middle + 4, `${figure(value.median)} ${unit}`),
            );
            top += size.bar + size.gap;
        }
    }
    const height = top + 8;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${text(8, 24, title, 'font-size="15" font-weight="600"')}
${shapes.join("\n")}
</svg>
`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
    return `<text x="${x}" y="${y}" fill="#24292f"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
    return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
