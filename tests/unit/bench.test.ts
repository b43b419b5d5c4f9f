import { describe, expect, test } from "vitest";

import type { Sample } from "../../bench/deploying";
import { bars } from "../../bench/deploying/bars";
import { lastAddress, trafficIn } from "../../bench/deploying/desk";
import { describeDeploying } from "../../bench/deploying/describe";
import { Samples } from "../../bench/deploying/samples";
import { unanswered } from "../../bench/deploying/watch";
import { barChart } from "../../bench/report/barChart";
import { figure, figures, table } from "../../bench/report/markdown";
import { alternating, spread } from "../../bench/statistics";

describe("a median", () => {
    test("is the middle of an odd number of values, in the order of numbers and not of text", () => {
        expect(spread([10, 9, 100])).toEqual({ median: 10, least: 9, most: 100 });
    });
    test("is between the two in the middle of an even number", () => {
        expect(spread([4, 1, 2, 100]).median).toBe(3);
    });
    test("leaves the values in their order", () => {
        const values = [3, 1, 2];
        spread(values);
        expect(values).toEqual([3, 1, 2]);
    });
    test.each([[[]], [[1, NaN]], [[1, Infinity]]])("of %j is refused", (values) => {
        expect(() => spread(values)).toThrow("no median");
    });
});

test("everything is first and last in turn", () => {
    const orders = [0, 1, 2, 3].map((round) => alternating(["a", "b", "c"], round).join(""));
    expect(orders).toEqual(["abc", "cba", "bca", "acb"]);
});

test("a registry is silent from a question without an answer to the next with one", () => {
    const asked = (times: [number, boolean][]) => times.map(([at, answered]) => ({ asked: at, answered }));
    expect(
        unanswered(
            asked([
                [0, true],
                [50, false],
                [100, false],
                [1000, true],
                [1050, true],
            ]),
        ),
    ).toBe(0.95);
    expect(
        unanswered(
            asked([
                [0, true],
                [50, true],
            ]),
        ),
    ).toBe(0);
    expect(
        unanswered(
            asked([
                [0, false],
                [50, false],
                [400, false],
            ]),
        ),
    ).toBe(0.4);
});

test("traffic is that of one interface, sent and received", () => {
    const text = `Inter-|   Receive  |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
    lo:       7       1    0    0    0     0          0         0        7       1    0    0    0     0       0          0
  desk:   91234     200    0    0    0     0          0         0     5678     100    0    0    0     0       0          0
`;
    expect(trafficIn(text, "desk")).toEqual({ received: 91234, sent: 5678 });
    expect(() => trafficIn(text, "eth0")).toThrow("no interface eth0");
});

test("the desk has the last address of the lab's network", () => {
    expect(lastAddress("172.18.0.0/16")).toBe("172.18.255.254/16");
    expect(lastAddress("10.1.2.64/26")).toBe("10.1.2.126/26");
});

test.each([
    [0, "0"],
    [0.04567, "0.046"],
    [0.4567, "0.457"],
    [4.567, "4.57"],
    [45.67, "45.7"],
    [456.7, "457"],
    [12345.6, "12346"],
])("%d is written as %s", (value, text) => {
    expect(figure(value)).toBe(text);
});

test("a figure has its spread, unless all runs are the same", () => {
    expect(figures({ median: 2, least: 1, most: 3 }, "×")).toBe("2.00× (1.00–3.00)");
    expect(figures({ median: 2, least: 2, most: 2 })).toBe("2.00");
});

test("a table is one of Markdown, as Prettier would write it", () => {
    expect(
        table(
            ["what", "a"],
            [
                ["one", "1.00"],
                ["three", "3"],
            ],
        ),
    ).toBe("| what  |    a |\n| ----- | ---: |\n| one   | 1.00 |\n| three |    3 |\n");
});

test("a chart's bars are as long as their medians, and their lines as the spread", () => {
    const bar = (label: string, median: number) => ({
        label,
        kind: 0,
        value: { median, least: median / 2, most: median * 2 },
    });
    const svg = barChart("A & B", "s", [{ title: "<first>", bars: [bar("one", 10), bar("two", 20)] }]);
    const widths = [...svg.matchAll(/<rect x="37"[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths).toHaveLength(2);
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(2, 1);
    // 583 is the room from the labels to the values; 40 is the most.
    expect(widths[1]).toBeCloseTo(291.5, 0);
    expect(svg).toContain("A &amp; B");
    expect(svg).toContain("&lt;first&gt;");
    expect(svg).toMatch(/d="M182.8 \d+H620M/);
    // Labels end beside the bars, so a longer one has them begin further on.
    const long = barChart("", "s", [{ title: "", bars: [bar("x".repeat(35), 10)] }]);
    expect(long).toMatch(/<rect x="261"/);
});

/** Two rounds, in the wrong order, in which ours takes a second and others more. */
function sample(
    tool: string,
    operation: Sample["operation"],
    round: number,
    seconds: number,
    touched?: boolean,
): Sample {
    // It answers a second before all has ended.
    const silent = seconds - 1;
    const rest = { processorHere: 1, processorNas: 1, logins: 4, sent: 1024, received: 2048, silent };
    return { tool, operation, delay: 0, round, seconds, ...rest, ...(touched !== undefined && { touched }) };
}
const samples = [
    sample("nas-registry", "first", 1, 6),
    sample("nas-registry", "first", 0, 4),
    sample("Ansible", "first", 0, 8),
    sample("Ansible", "first", 1, 8),
    sample("nas-registry", "drift", 0, 3),
    sample("Ansible", "nothing", 0, 6),
    sample("nas-registry", "user", 0, 3, false),
    sample("nas-registry", "user", 1, 3, true),
    sample("Ansible", "user", 0, 1, false),
    sample("Ansible", "user", 1, 1, false),
];

describe("what deploying took", () => {
    const all = new Samples(samples);

    test("is in the order of rounds", () => {
        expect(all.values("nas-registry", "first", 0, ({ seconds }) => seconds)).toEqual([4, 6]);
    });
    test("is compared round by round", () => {
        expect(all.ratios("nas-registry", "Ansible", "first", 0)).toEqual([0.5, 0.75]);
    });
    test("is not compared with a round in which the other failed", () => {
        expect(new Samples(samples.slice(0, 3)).ratios("nas-registry", "Ansible", "first", 0)).toEqual([0.5]);
    });
    test("is that of nothing to do, where a tool has no drift check of its own", () => {
        expect(all.ratios("nas-registry", "Ansible", "drift", 0)).toEqual([0.5]);
    });
    test("is not held against an aim where it was not measured", () => {
        const measured = new Map(bars(all, [0]).map((each) => [each.title, each.measured]));
        expect(measured.get("First deployment until the registry answers, of Ansible's")?.median).toBeCloseTo(4 / 7);
        expect(measured.get("First deployment until the registry answers, of Compose's")).toBeUndefined();
    });
    test("counts rounds in which a change of users touched a container", () => {
        expect(bars(all, [0]).find(({ title }) => title.startsWith("One user changed"))?.measured?.median).toBe(1);
    });
    test("says which aims were missed, and where another one is faster", () => {
        const tools = ["nas-registry", "Ansible"].map((name) => ({ name, version: name }));
        const failures = ["shell, 0 ms, round 1: the NAS was off"];
        const { text, plots } = describeDeploying({ tools, engine: "20.10", failures, samples });
        expect(text).toContain("- shell, 0 ms, round 1: the NAS was off");
        expect(text).toMatch(
            /until the registry answers, of Ansible's +\| +0\.500 \| +0\.571 \(0\.429–0\.714\) \| \*\*no\*\*/,
        );
        expect(text).toMatch(/Drift check, of Ansible's +\| +0\.600 \| +0\.500 \| +yes/);
        expect(text).toContain("- One user changed: 3.00 times as long as Ansible.");
        expect(text).not.toContain("- First deployment:");
        expect(Object.keys(plots)).toEqual(["deploying.svg", "deploying-delayed.svg"]);
    });
});
