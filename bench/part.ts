import type { Toolchain } from "../toolchain";

/** What a part needs while it measures. */
export interface Bench {
    readonly toolchain: Toolchain;
    /** How often everything is measured; 5 for figures that are published. */
    readonly runs: number;
    /** Remembers what to undo, in reverse order, at the end, after a failure and after Ctrl-C. */
    readonly opened: (close: () => Promise<void> | void) => void;
    /** Says what goes on. */
    readonly report: (line: string) => void;
}

/** A part of the page with the results. */
export interface Section {
    /** Markdown, with headings from the third level on. */
    readonly text: string;
    /** SVG pictures by their file names; the text shows them as `benchmarks/NAME`. */
    readonly plots: Readonly<Record<string, string>>;
}

/**
 * Something that is measured: one folder or file, and a line in parts.ts. What is measured is kept as JSON, from which the page is written,
 * so that its words can change without another measurement.
 */
export interface Part<Results = unknown> {
    /** `npm run bench -- NAME`; also the JSON's file name. */
    readonly name: string;
    readonly title: string;
    measure(bench: Bench): Promise<Results>;
    describe(results: Results): Section;
}
