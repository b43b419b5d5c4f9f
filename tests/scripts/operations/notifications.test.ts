import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shellQuote } from "../../../components/nas/script";
import type { WebhookKind } from "../../../components/operations/notifications/notifications";
import { shells } from "../shells";
import { Program } from "./program";

/** Whatever somebody on the NAS may have said, in one line. */
const NASTY = `it "said" \\ back\\nslash, $(id) \`id\` 'quoted' @/etc/passwd #1 grün`;
const TOKEN = `tk_"\\'$x#s3cret`;

interface Asked {
    method?: string | undefined;
    url?: string | undefined;
    headers: http.IncomingHttpHeaders;
    body: string;
}

describe.each(shells)("who is told of an operation, under %s,", (_, shell) => {
    let program: Program;
    let server: http.Server;
    let base: string;
    let asked: Asked[];
    /** What is answered, one after the other; 200 then. */
    let answers: number[];
    /** Command lines while the server was asked. */
    let commandLines: string;

    beforeEach(async () => {
        program = new Program(shell);
        asked = [];
        answers = [];
        commandLines = "";
        server = http.createServer((request, response) => {
            let body = "";
            request.on("data", (data: Buffer) => (body += data.toString()));
            request.on("end", () => {
                const { method, url, headers } = request;
                asked.push({ method, url, headers, body });
                commandLines += allCommandLines();
                const status = answers.shift() ?? 200;
                response.writeHead(status, { location: `${base}/elsewhere` }).end();
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        program.before = `logger() { printf '%s\\n' "$@" >>${shellQuote(program.host.path("logged"))}; }`;
    });
    afterEach(async () => {
        program.host.remove();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    const told = (kind: WebhookKind, more: object = {}, address = "/hook") => {
        program.alerts = { webhooks: [{ kind, url: `${base}${address}`, ...more }] };
    };
    /** Runs an operation that ends as its text says. */
    const perform = (text: string, ...options: string[]) =>
        program.run(["perform", "gc", ...options], [program.own(`operation_gc() {\n${text}\n}`)]);
    const ways = {
        ok: `said ${shellQuote(NASTY)}`,
        warning: `warned ${shellQuote(NASTY)}`,
        failed: `die ${shellQuote(NASTY)}`,
    };
    const outcomes = Object.entries(ways);
    const logged = () => {
        const file = program.host.path("logged");
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    };
    const paths = () => asked.map(({ url }) => url);

    test.each([
        ["ok", ["/hook/start", "/hook"]],
        ["warning", ["/hook/start", "/hook"]],
        ["failed", ["/hook/start", "/hook/fail"]],
    ] as const)("healthchecks of one that is %s", async (outcome, expected) => {
        told("healthchecks");
        await perform(ways[outcome]);
        expect(paths()).toEqual(expected);
        const words = outcome === "ok" ? "gc: " : `gc ${outcome}: `;
        expect(asked.map(({ method, body }) => [method, body])).toEqual([
            ["POST", "gc began"],
            ["POST", `${words}${NASTY}`],
        ]);
        expect(program.read("results/gc")).toContain(`result=${outcome}\n`);
    });

    test("an address with a query keeps it behind the path", async () => {
        told("healthchecks", {}, "/key/backup?create=1");
        await perform(ways.failed);
        expect(paths()).toEqual(["/key/backup/start?create=1", "/key/backup/fail?create=1"]);
    });

    test("an address with a slash at its end has one before what is added", async () => {
        told("healthchecks", {}, "/hook/");
        await perform(ways.failed);
        expect(paths()).toEqual(["/hook/start", "/hook/fail"]);
    });

    test.each(outcomes)("Uptime Kuma at the end of one that is %s", async (outcome, way) => {
        told("uptime-kuma", {}, "/api/push/s3cret?status=up&msg=OK&ping=");
        await perform(way);
        expect(asked).toHaveLength(1);
        const { pathname, searchParams } = new URL(asked[0]?.url ?? "", base);
        const words = outcome === "ok" ? "gc: " : `gc ${outcome}: `;
        expect([asked[0]?.method, pathname, Object.fromEntries(searchParams)]).toEqual([
            "GET",
            "/api/push/s3cret",
            { status: outcome === "failed" ? "down" : "up", msg: `${words}${NASTY}` },
        ]);
    });

    test("ntfy, with a token", async () => {
        told("ntfy", { token: TOKEN });
        await perform(ways.failed);
        expect(asked).toMatchObject([
            {
                ...{ method: "POST", url: "/hook", body: `gc failed: ${NASTY}` },
                headers: {
                    ...{ title: "nas-registry registry", priority: "4", tags: "rotating_light" },
                    authorization: `Bearer ${TOKEN}`,
                },
            },
        ]);
    });

    test("Gotify, by JSON", async () => {
        told("gotify", { token: TOKEN }, "/");
        await perform(ways.warning);
        expect(asked).toMatchObject([
            { url: "/message", headers: { "x-gotify-key": TOKEN, "content-type": "application/json" } },
        ]);
        expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
            title: "nas-registry registry",
            message: `gc warning: ${NASTY}`,
            priority: 5,
        });
    });

    test("any webhook, by JSON", async () => {
        told("webhook", { token: TOKEN, on: "all" }, "/hook?a=1&b=[x]{y,z}");
        await perform(ways.ok);
        expect(asked).toMatchObject([{ url: "/hook?a=1&b=[x]{y,z}", headers: { authorization: `Bearer ${TOKEN}` } }]);
        expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
            ...{ registry: "registry", operation: "gc", outcome: "ok", text: `gc: ${NASTY}` },
        });
    });

    test.each([
        ["what went well is told to those alone who want all", ways.ok, ["/all", "/mine"]],
        ["what failed is told to all whose operation it is", ways.failed, ["/failures", "/all", "/mine"]],
    ])("%s", async (_, way, expected) => {
        program.alerts = {
            webhooks: [
                { kind: "ntfy", url: `${base}/failures` },
                { kind: "ntfy", url: `${base}/all`, on: "all" },
                { kind: "ntfy", url: `${base}/others`, on: "all", operations: ["backup", "verify"] },
                { kind: "ntfy", url: `${base}/mine`, on: "all", operations: ["backup", "gc"] },
            ],
        };
        await perform(way);
        expect(paths()).toEqual(expected);
    });

    test("no secret is on a command line meanwhile, or in what is printed", async () => {
        answers = [500, 500, 500];
        told("ntfy", { token: "tk_s3cret" }, "/s3cret-topic");
        const { stdout, stderr } = await perform(ways.failed);
        expect(commandLines).toContain("curl");
        const seen = commandLines + stdout + stderr + program.read("results/gc.output") + program.read("results/gc");
        expect(seen).not.toContain("s3cret");
    });

    test("one that fails at first is asked again", async () => {
        answers = [500, 503];
        told("ntfy");
        await perform(ways.failed);
        expect(paths()).toEqual(["/hook", "/hook", "/hook"]);
        expect(program.read("results/gc.output")).not.toContain("webhook");
    });

    test("one that does not answer changes no result, and the others are told", async () => {
        program.alerts = {
            webhooks: [
                { kind: "ntfy", url: "http://127.0.0.1:1/gone", on: "all" },
                { kind: "ntfy", url: `${base}/there`, on: "all" },
            ],
        };
        expect(await perform("said well")).toMatchObject({ code: 0 });
        expect(paths()).toEqual(["/there"]);
        expect(program.read("results/gc")).toContain("result=ok\n");
        expect(program.read("results/gc.output")).toContain(
            "the webhook of the kind ntfy answered with status 000 (000: not at all)",
        );
    });

    test("a redirected request takes the token nowhere", async () => {
        answers = [302, 302, 302];
        told("ntfy", { token: TOKEN });
        await perform(ways.failed);
        expect(paths()).toEqual(["/hook", "/hook", "/hook"]);
    });

    test.each([
        ["failed", "user.err"],
        ["warning", "user.warning"],
    ] as const)("the NAS itself, of what %s", async (outcome, priority) => {
        await perform(ways[outcome]);
        expect(logged()).toBe(`-t\nnas-registry registry\n-p\n${priority}\n--\ngc ${outcome}: ${NASTY}\n`);
    });

    test("not the NAS of what went well, nor of anything where it is not wanted", async () => {
        await perform(ways.ok);
        program.alerts = { nas: false };
        await perform(ways.failed);
        expect(logged()).toBe("");
    });

    test("nobody of a dry run", async () => {
        told("healthchecks");
        await perform(ways.failed, "dry_run=yes");
        expect([asked, logged()]).toEqual([[], ""]);
    });

    test("a NAS that cannot tell changes no result", async () => {
        program.before = "logger() { exit 3; }";
        expect(await perform("warned it")).toMatchObject({ code: 0 });
        expect(program.read("results/gc")).toContain("result=warning\n");
    });

    test("of one that was interrupted, once it is not tried again", async () => {
        told("ntfy");
        program.write("results/gc", "result=running\nbegan=1\n");
        await program.run(["tick"]);
        expect(asked.map(({ body }) => body)).toEqual([
            "gc failed: it was interrupted, by a restart of the NAS or by somebody",
        ]);
    });

    test("nobody of a result that was not written to its end, and which goes", async () => {
        told("ntfy");
        program.write("results/gc.output", "collects\n");
        program.write("results/gc.a1B2c3", "result=running\nbegan=1\n");
        expect(await program.run(["tick"])).toMatchObject({ code: 0 });
        expect(asked).toEqual([]);
        expect(fs.readdirSync(`${program.control}/operations/results`)).toEqual(["gc.output"]);
    });
});

function allCommandLines(): string {
    return fs
        .readdirSync("/proc")
        .filter((pid) => /^\d+$/.test(pid))
        .map((pid) => {
            try {
                return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
            } catch {
                return "";
            }
        })
        .join("\n");
}
