import type { Section } from "../part";
import { barChart, type Group } from "../report/barChart";
import { figure, figures, table } from "../report/markdown";
import { ratios, spread } from "../statistics";
import { bars, isHeld, pushesHere } from "./bars";
import { conditions, titleOf, type Condition } from "./conditions";
import { LARGE, SMALL, type Load } from "./load";
import { DECLARED, OPEN } from "./names";
import { ending, method, reasons } from "./words";
import type { RegistryResults, Sample } from ".";

/** HEAD, POST, PATCH, PUT and HEAD. */
const REQUESTS_OF_LAYER = 5;

type Read = (sample: Sample) => number | undefined;

const columns: readonly (readonly [title: string, read: Read, isCompared?: boolean])[] = [
    ["push, s", ({ push }) => push.seconds, true],
    ["push, processor s", ({ push }) => push.server],
    ["pull, s", ({ pull }) => pull.seconds, true],
    ["cold pull, s", ({ cold }) => cold?.seconds, true],
];

export function describeRegistry({ samples, memory, leftOut }: RegistryResults): Section {
    const at = (condition: Condition, load: Load) =>
        samples
            .filter((each) => each.condition === condition.name && each.load === load.name)
            .sort((a, b) => a.round - b.round);
    const measured = conditions.filter(({ name }) => samples.some(({ condition }) => condition === name));
    const sections = measured.map((condition) =>
        [
            `### On ${condition.name}`,
            ...condition.loads.map(([load, names]) => tableOf(load.name, at(condition, load), names)),
            `The most memory of a registry and its Redis: ${memory
                .filter((each) => each.condition === condition.name)
                .map(({ registry, mebibytes }) => `${registry} ${mebibytes.toFixed(0)} MiB`)
                .join("; ")}.`,
        ].join("\n\n"),
    );
    const aims = bars(samples).map((bar) => [
        bar.title,
        bar.most === undefined ? `at least ${bar.least}` : `at most ${bar.most}`,
        bar.measured ? figures(bar.measured) : "not measured",
        bar.measured ? (isHeld(bar) ? "yes" : "**no**") : "",
    ]);
    const text = [
        method(clientShare(samples)),
        ...sections,
        "![Seconds of a push](benchmarks/registry.svg)",
        ...leftOut.map(
            (name) =>
                `Not measured, since this machine cannot do it (root and control groups of version 1 are needed): ${name}.`,
        ),
        "### What was aimed at for the registry",
        table(["Aim", "bar", "measured", "held"], aims),
        "### Where pushes and pulls are slower, and why",
        reasons({
            request: protection(samples, SMALL, SMALL.layers * REQUESTS_OF_LAYER),
            mebibyte: protection(samples, LARGE, (LARGE.layers * LARGE.bytes) / 2 ** 20),
        }),
        ending,
    ];
    const groups: Group[] = measured.flatMap((condition) =>
        condition.loads.map(([load, names]) => ({
            title: titleOf(load, condition),
            bars: names.flatMap((label, kind) => {
                const seconds = valuesOf(at(condition, load), label, ({ push }) => push.seconds);
                return seconds.length > 0 ? [{ label, kind, value: spread(seconds) }] : [];
            }),
        })),
    );
    return { text: text.join("\n\n"), plots: { "registry.svg": barChart("Seconds of a push", "s", groups) } };
}

function tableOf(title: string, samples: readonly Sample[], [base = "", ...others]: readonly string[]): string {
    const cells = (name: string) =>
        columns.flatMap(([, read, isCompared]) => {
            const values = valuesOf(samples, name, read);
            if (values.length === 0) return isCompared ? ["", ""] : [""];
            const compared = name === base ? "" : figures(ratios(values, valuesOf(samples, base, read)), "×");
            return [figures(spread(values)), ...(isCompared ? [compared] : [])];
        });
    const head = columns.flatMap(([column, , isCompared]) => [column, ...(isCompared ? ["ratio"] : [])]);
    return table(
        [title, ...head],
        [base, ...others].map((name) => [name, ...cells(name)]),
    );
}

function valuesOf(samples: readonly Sample[], name: string, read: Read): number[] {
    return samples.filter(({ registry }) => registry === name).flatMap((each) => read(each) ?? []);
}

/** Milliseconds that TLS and users make of a push, for each of so many parts. */
function protection(samples: readonly Sample[], load: Load, parts: number): string {
    const [declared = [], open = []] = [DECLARED, OPEN].map((name) => pushesHere(samples, load, name));
    if (declared.length === 0 || open.length === 0) return "some";
    return figure((1000 * (spread(declared).median - spread(open).median)) / parts);
}

/** How much of the processor's time of a push is the client's, in percent: median, least and most. */
function clientShare(samples: readonly Sample[]): string {
    const shares = samples.map(({ push: { client, server } }) => (100 * client) / (client + server));
    return shares.length === 0 ? "" : `${figure(spread(shares).median)} %`;
}
