import type { Section } from "../part";
import { barChart, type Group } from "../report/barChart";
import { figure, figures, table } from "../report/markdown";
import { spread, type Spread } from "../statistics";
import { bars } from "./bars";
import { operations, type OperationName } from "./operations";
import { Samples } from "./samples";
import { method, reasons } from "./words";
import type { DeployingResults } from ".";

const OURS = "nas-registry";
const KIB = 1024;

export function describeDeploying({ tools, engine, failures, samples }: DeployingResults): Section {
    const all = new Samples(samples);
    const names = tools.map(({ name }) => name);
    const deployers = names.filter((name) => name !== "empty");
    const others = deployers.filter((name) => name !== OURS);
    const delays = [...new Set(samples.map(({ delay }) => delay))];
    const delayed = operations.filter((each) => "isDelayed" in each);

    const of = (measure: Measure, columns: readonly string[], delay = 0) =>
        table(
            [measure.title, ...columns],
            operations.map(({ name, title }) => [
                title,
                ...columns.map((tool) => cell(all.values(tool, name, delay, measure.read))),
            ]),
        );
    const compared = table(
        ["nas-registry takes, compared with", ...others],
        operations.map(({ name, title }) => [
            title,
            ...others.map((tool) => cell(all.ratios(OURS, tool, name, 0), "×")),
        ]),
    );
    const byDelay = table(
        ["Seconds", "added to a round trip", ...deployers],
        delayed.flatMap(({ name, title }) =>
            delays.map((delay) => [
                title,
                `${delay} ms`,
                ...deployers.map((tool) => cell(all.values(tool, name, delay, measures.seconds.read))),
            ]),
        ),
    );
    const chart = (title: string, chosen: readonly { name: OperationName; title: string }[], delay: number) =>
        barChart(title, "s", groups(all, chosen, deployers, delay));
    const failed = failures.map((each) => `- ${each}`).join("\n");
    const text = [
        ...(failed ? ["Rounds that failed, and are in no figure:", failed] : []),
        method(
            tools.map(({ version }) => version),
            engine,
        ),
        "### Time",
        of(measures.seconds, names),
        "![Seconds for each operation](benchmarks/deploying.svg)",
        compared,
        "### With a slower network",
        byDelay,
        `![Seconds with ${delays.at(-1)} ms added to a round trip](benchmarks/deploying-delayed.svg)`,
        "### Without an answer",
        "Seconds in which the registry did not answer, asked twenty times a second.",
        table(
            ["Operation", ...deployers],
            operations
                .filter((each) => "change" in each)
                .map(({ name, title }) => [
                    title,
                    ...deployers.map((tool) => cell(all.values(tool, name, 0, (each) => each.silent))),
                ]),
        ),
        "### What it takes here and on the NAS",
        ...[measures.here, measures.nas].map((measure) => of(measure, names)),
        "### What goes over the network",
        ...[measures.logins, measures.sent, measures.received].map((measure) => of(measure, deployers)),
        "### What was aimed at",
        table(
            ["Aim", "at most", "measured", "held"],
            bars(all, delays).map(({ title, most, measured }) => [
                title,
                figure(most),
                measured ? figures(measured) : "not measured",
                measured ? (measured.median <= most ? "yes" : "**no**") : "",
            ]),
        ),
        "### Where it is slower, and why",
        slower(all, others),
        reasons,
    ];
    return {
        text: text.join("\n\n"),
        plots: {
            "deploying.svg": chart("Seconds for each operation", operations, 0),
            "deploying-delayed.svg": chart(
                `Seconds with ${delays.at(-1)} ms more a round trip`,
                delayed,
                delays.at(-1) ?? 0,
            ),
        },
    };
}

interface Measure {
    title: string;
    read: Parameters<Samples["values"]>[3];
}

const measures = {
    seconds: { title: "Seconds", read: ({ seconds }) => seconds },
    here: { title: "Processor seconds here", read: ({ processorHere }) => processorHere },
    nas: { title: "Processor seconds on the NAS", read: ({ processorNas }) => processorNas },
    logins: { title: "SSH logins", read: ({ logins }) => logins },
    sent: { title: "KiB sent to the NAS", read: ({ sent }) => sent / KIB },
    received: { title: "KiB received from it", read: ({ received }) => received / KIB },
} as const satisfies Record<string, Measure>;

function cell(values: readonly number[] | Spread, unit = ""): string {
    if (!("length" in values)) return figures(values, unit);
    return values.length === 0 ? "" : figures(spread(values), unit);
}

function groups(
    all: Samples,
    chosen: readonly { name: OperationName; title: string }[],
    tools: readonly string[],
    delay: number,
): Group[] {
    return chosen.map(({ name, title }) => ({
        title,
        bars: tools.flatMap((label, kind) => {
            const values = all.values(label, name, delay, measures.seconds.read);
            return values.length === 0 ? [] : [{ label, kind, value: spread(values) }];
        }),
    }));
}

/** Every operation in which another one took less time. */
function slower(all: Samples, others: readonly string[]): string {
    const lines = operations.flatMap(({ name, title }) => {
        const beaten = others.flatMap((tool) => {
            const values = all.ratios(OURS, tool, name, 0);
            if (values.length === 0) return [];
            const { median } = spread(values);
            return median > 1 ? [`${figure(median)} times as long as ${tool}`] : [];
        });
        return beaten.length === 0 ? [] : [`- ${title}: ${beaten.join(", ")}.`];
    });
    return lines.length === 0
        ? "Nowhere without a delay."
        : `Without a delay nas-registry takes:\n\n${lines.join("\n")}`;
}
