/** Alert rules and the dashboard, by what a real registry has. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { ensurePrometheusRules } from "../../toolchain/goPrograms";
import { capture, run } from "../../toolchain/process";
import { serve } from "./rendered";

const folder = path.join(__dirname, "../../docs/operations/monitoring");
const alerts = path.join(folder, "alerts.yml");

interface Panel {
    id: number;
    title: string;
    type: string;
    datasource: { uid: string };
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { refId: string; expr: string; datasource: { uid: string } }[];
}
interface Dashboard {
    title: string;
    uid: string;
    schemaVersion: number;
    templating: { list: { name: string; type: string }[] };
    panels: Panel[];
}
const dashboard = JSON.parse(fs.readFileSync(path.join(folder, "dashboard.json"), "utf8")) as Dashboard;
/** As Grafana fills them in. */
const filledIn = (expression: string) => expression.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*");
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => filledIn(expr)));

/** The names of metrics in a file; fails as Prometheus would. */
const metricsIn = async (kind: "rules" | "expressions", file: string) =>
    JSON.parse(await run(await ensurePrometheusRules(), [kind, file])) as string[];

async function withFile<T>(text: string, work: (file: string) => Promise<T>): Promise<T> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "registry-test-"));
    try {
        const file = path.join(directory, "file");
        fs.writeFileSync(file, text);
        return await work(file);
    } finally {
        fs.rmSync(directory, { recursive: true, force: true });
    }
}

/** What a registry has that was asked for something. */
async function exposed(): Promise<string[]> {
    const registry = await serve({ args: { metrics: { address: "192.168.1.20" } } });
    await registry.fetch("/v2/app/manifests/latest");
    await registry.fetch("/v2/app/blobs/uploads/", { method: "POST" });
    const text = await (await registry.fetchDebug("/metrics")).text();
    return [...text.matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name = ""]) => name);
}

test("every metric that the alerts and the dashboard read is one of a real registry", async () => {
    const read = [
        ...(await metricsIn("rules", alerts)),
        ...(await withFile(JSON.stringify(expressions), (file) => metricsIn("expressions", file))),
    ];
    expect(read).toContain("registry_http_requests_total");
    const known = new Set([...(await exposed()), "up"]);
    expect(read.filter((name) => !known.has(name))).toEqual([]);
});

test("a rule that Prometheus does not take is found", async () => {
    const wrong = fs.readFileSync(alerts, "utf8").replace("up{job=", "up{{job=");
    const program = await ensurePrometheusRules();
    const { code, stderr } = await withFile(wrong, (file) => capture(program, ["rules", file]));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/RegistryDown.*parse error/s)]);
});

test("the alerts are of the job that the page scrapes, and say what to do", () => {
    const page = fs.readFileSync(path.join(folder, "../monitoring.md"), "utf8");
    const [, block = ""] = /```yaml\n(scrape_configs:[^]*?)```/.exec(page) ?? [];
    const { scrape_configs: scraped } = parse(block) as { scrape_configs: { job_name: string }[] };
    const { groups } = parse(fs.readFileSync(alerts, "utf8")) as {
        groups: { rules: { expr: string; labels: object; annotations: object }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(4);
    const selectors = [...rules.map(({ expr }) => expr), ...expressions].flatMap(
        (each) => each.match(/\{[^}]*\}/g) ?? [],
    );
    expect(selectors.filter((each) => !each.includes(`job="${scraped[0]?.job_name}"`))).toEqual([]);
    for (const { labels, annotations } of rules) {
        expect(Object.keys({ ...labels, ...annotations })).toEqual(["severity", "summary", "description"]);
    }
});

describe("the dashboard", () => {
    const { panels, templating } = dashboard;

    test("has what Grafana needs to import it", () => {
        expect(dashboard).toMatchObject({ title: "NAS registry", uid: "nas-registry", schemaVersion: 39 });
        expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
            ["datasource", "datasource"],
            ["instance", "query"],
        ]);
        expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
        for (const { type, title, datasource, targets } of panels) {
            expect(["stat", "timeseries"]).toContain(type);
            expect(title).not.toBe("");
            expect([datasource, ...targets.map((each) => each.datasource)].map(({ uid }) => uid)).toEqual(
                Array.from({ length: targets.length + 1 }, () => "${datasource}"),
            );
            expect(targets.map(({ refId }) => refId)).toEqual(targets.map((_, index) => "AB"[index]));
        }
    });

    test("has no panel over another one, or beside its 24 columns", () => {
        const taken = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
            Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
        );
        expect(new Set(taken).size).toBe(taken.length);
        expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    });
});
