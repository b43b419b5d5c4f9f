import type { Section } from "../part";
import { barChart } from "../report/barChart";
import { figures, table } from "../report/markdown";
import { ratios, spread, type Spread } from "../statistics";
import type { GrowthResults, Sample } from ".";

const kinds = {
    mocks: { title: "Under mocks, the program alone", registries: [1, 50, 200] },
    first: { title: "On simulated NASes, the first `pulumi up`", registries: [1, 4, 16] },
    again: { title: "On simulated NASes, `pulumi up` with nothing to do", registries: [1, 4, 16] },
} as const;

/** What is beyond it is no growth that is flat. */
const FLAT = 1.2;

type Measure = "seconds" | "memory";

export function describeGrowth({ samples, plugins }: GrowthResults): Section {
    const groups = Object.entries(kinds).map(([kind, { title, registries }]) => ({
        title: title.replaceAll("`", ""),
        bars: registries.flatMap((count) => {
            const values = perNas(samples, kind as Sample["kind"], count, "seconds");
            return values.length > 0 ? [{ label: `${count}`, kind: 0, value: spread(values) }] : [];
        }),
    }));
    const text = [
        method(plugins),
        ...Object.entries(kinds).map(([kind, { title, registries }]) =>
            tableOf(samples, kind as Sample["kind"], title, registries),
        ),
        "![Seconds for each NAS](benchmarks/growth.svg)",
        "### What was aimed at for growth",
        aims(samples),
        "### Where it grows, and why",
        reasons,
    ];
    return { text: text.join("\n\n"), plots: { "growth.svg": barChart("Seconds for each NAS", "s", groups) } };
}

/** In the order of rounds. */
function values(samples: readonly Sample[], kind: Sample["kind"], registries: number, measure: Measure): number[] {
    return samples
        .filter((each) => each.kind === kind && each.registries === registries)
        .sort((a, b) => a.round - b.round)
        .map((each) => each[measure]);
}

const perNas = (...[samples, kind, registries, measure]: Parameters<typeof values>) =>
    values(samples, kind, registries, measure).map((value) => value / registries);

/** What the largest takes for each NAS, of what the one before it takes. */
export function growthOf(samples: readonly Sample[], kind: Sample["kind"], measure: Measure): Spread | undefined {
    const [less = 0, more = 0] = kinds[kind].registries.slice(-2);
    const largest = perNas(samples, kind, more, measure);
    return largest.length === 0 ? undefined : ratios(largest, perNas(samples, kind, less, measure));
}

function tableOf(
    samples: readonly Sample[],
    kind: Sample["kind"],
    title: string,
    registries: readonly number[],
): string {
    const rows = registries.flatMap((count) => {
        const of = (measure: Measure) => values(samples, kind, count, measure);
        if (of("seconds").length === 0) return [];
        const each = (measure: Measure) => figures(spread(perNas(samples, kind, count, measure)));
        return [
            [
                `${count}`,
                figures(spread(of("seconds"))),
                each("seconds"),
                figures(spread(of("memory"))),
                each("memory"),
            ],
        ];
    });
    return `${title}:\n\n${table(["NASes", "s", "s for each", "MiB", "MiB for each"], rows)}`;
}

function aims(samples: readonly Sample[]): string {
    const rows = Object.entries(kinds).flatMap(([kind, { title, registries }]) =>
        (["seconds", "memory"] as const).map((measure) => {
            const measured = growthOf(samples, kind as Sample["kind"], measure);
            const [less, more] = registries.slice(-2);
            return [
                `${title}: ${measure} for each NAS with ${more}, of those with ${less}`,
                `at most ${FLAT}`,
                measured ? figures(measured) : "not measured",
                measured ? (measured.median <= FLAT ? "yes" : "**no**") : "",
            ];
        }),
    );
    return table(["Aim", "bar", "measured", "held"], rows);
}

const method = (plugins: string) => `One program with several \`NasRegistry\`, each for a NAS of its own.

- Under mocks: nothing but the program runs, in a process of its own. Its time begins when everything is loaded; its memory is the most that it had.
- On simulated NASes: the engine, the language host, the providers and the program; their memory is the most that they had together, shared pages
  counted once, looked at twice a second. The NASes and their engines run on the same processors and take their share of the time. Each has the images
  already. (${plugins})`;

const reasons = `A first \`up\` of many NASes in one program grows with the square of their number: Pulumi's file backend writes the whole state at each
step, twice for a resource, and each NAS has a third of a MB in it, two thirds of that the scripts that its remote commands were given,
which the provider keeps as inputs and as outputs. That is why they are sent without comments and without functions that they do not call:
with them it was 0.75 MB. Of 81 s for sixteen NASes 43 s were this writing when it was 0.55 MB (\`pulumi up --profiling\`, two cores, November
2026). With nothing to do next to nothing is written. One stack for each NAS, as this repository's program has it, does not grow.`;
