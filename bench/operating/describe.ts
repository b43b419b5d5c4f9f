import type { Section } from "../part";
import { barChart } from "../report/barChart";
import { figures, table } from "../report/markdown";
import { spread } from "../statistics";
import type { Sample } from ".";

const method = `The whole program of a NAS's operations, under busybox's shell, with the real collector and the real restic, on images in memory: every third blob
is a layer of 600 bytes, so that what each blob costs is counted and not what reading it does. [bench/README.md](../bench/README.md) has 100,000 blobs, too.`;

export function describeOperating(samples: readonly Sample[]): Section {
    const operations = [...new Set(samples.map(({ operation }) => operation))];
    const sizes = [...new Set(samples.map(({ blobs }) => blobs))].sort((a, b) => a - b);
    const of = (operation: string, blobs: number, read: (sample: Sample) => number) =>
        spread(samples.filter((each) => each.operation === operation && each.blobs === blobs).map(read));
    const rows = operations.flatMap((operation) =>
        sizes.map((blobs) => [
            operation,
            String(blobs),
            figures(of(operation, blobs, ({ elapsed }) => elapsed)),
            figures(of(operation, blobs, ({ processor }) => processor)),
            figures(of(operation, blobs, ({ processor }) => (1000 * processor) / blobs)),
            figures(of(operation, blobs, ({ memory }) => memory)),
        ]),
    );
    const groups = operations.map((title) => ({
        title,
        bars: sizes.map((blobs, kind) => ({
            label: `${blobs} blobs`,
            kind,
            value: of(title, blobs, ({ elapsed }) => elapsed),
        })),
    }));
    return {
        text: [
            method,
            table(["Operation", "blobs", "s", "processor s", "processor ms for each blob", "MiB"], rows),
            "![Seconds of operations](benchmarks/operating.svg)",
        ].join("\n\n"),
        plots: { "operating.svg": barChart("Seconds of operations", "s", groups) },
    };
}
