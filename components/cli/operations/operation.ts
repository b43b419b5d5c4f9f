import { parseArgs } from "node:util";

import { lineOf } from "../../nas/facts";
import { exported } from "../check/exported";
import { nameOf, typesOf } from "../check/remedies";
import { connected, type Run } from "../check/session";
import { shellOf, Stack, type Script } from "../check/stack";

/** What is said of an operation on a NAS, by the names that its script gives. */
export type Result = Record<string, string>;

/** Which registry is meant. */
export const NAMED = { stack: { type: "string", short: "s" }, registry: { type: "string", short: "r" } } as const;
const OPTIONS = {
    ...NAMED,
    json: { type: "boolean" },
    "dry-run": { type: "boolean" },
    "new-target": { type: "boolean" },
    snapshot: { type: "string" },
    repository: { type: "string" },
    missing: { type: "boolean" },
    "from-replica": { type: "boolean" },
    rehearse: { type: "boolean" },
    replace: { type: "boolean" },
    damaged: { type: "boolean" },
    all: { type: "boolean" },
} as const;

/** Those that only some operations have. */
const OPTIONS_OF: Record<string, readonly (keyof typeof OPTIONS)[]> = {
    gc: ["dry-run"],
    prune: ["dry-run"],
    verify: ["dry-run", "all"],
    replicate: ["dry-run"],
    backup: ["new-target"],
    snapshot: ["dry-run"],
    rehearse: ["snapshot"],
    restore: ["dry-run", "snapshot", "repository", "missing", "from-replica", "rehearse", "replace", "damaged"],
};

/** What of {@link OPTIONS_OF} goes with few others: with the rest it would be done as if they were not there. */
const ALONE_WITH: Partial<Record<keyof typeof OPTIONS, readonly string[]>> = {
    rehearse: ["snapshot"],
    missing: ["snapshot", "from-replica", "dry-run", "damaged"],
    "from-replica": ["missing", "dry-run"],
};

function refuseApart(values: Partial<Record<keyof typeof OPTIONS, unknown>>): void {
    const given = Object.keys(values).filter((name) => !(name in NAMED) && name !== "json");
    for (const [name, others] of Object.entries(ALONE_WITH).filter(([name]) => given.includes(name))) {
        const odd = given.find((each) => each !== name && !others.includes(each));
        if (odd) {
            const named = new Intl.ListFormat("en-GB").format(others.map((each) => `--${each}`));
            throw new Error(`--${name} goes with ${named} alone, and not with --${odd}.`);
        }
    }
}

/** How the program on the NAS takes what is not only yes or no. @throws Error with one sentence when it is not what it must be */
const WORDS: Record<string, (value: string) => string> = {
    snapshot: (value) => {
        if (/^(latest|[0-9a-f]{4,64})$/.test(value)) {
            return value;
        }
        const time = new Date(value);
        if (!value.includes("-") || isNaN(time.getTime())) {
            throw new Error(
                `--snapshot: '${value}' is not allowed; give latest, an id, or a time such as 2026-11-28T12:00.`,
            );
        }
        return time.toISOString().slice(0, 19);
    },
    repository: (value) => {
        if (!/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(value)) {
            throw new Error(`--repository: '${value}' is no name of a repository; give one such as team/app.`);
        }
        return value;
    },
};

/** Exit codes by the result of an operation. */
const CODES: Readonly<Record<string, number>> = { ok: 0, warning: 1, failed: 2 };

/** Runs an operation on the NAS, and shows what it prints while it does; it goes on there when this process ends. */
export function operation(verb: string) {
    return async (args: string[]): Promise<number> => {
        const own = ["stack", "registry", "json", ...(OPTIONS_OF[verb] ?? [])];
        const options = Object.fromEntries(Object.entries(OPTIONS).filter(([name]) => own.includes(name)));
        const given = parseArgs({ args, options: options as typeof OPTIONS }).values;
        refuseApart(given);
        const { rehearse, ...values } = given;
        const words = [
            rehearse ? "rehearse" : verb,
            ...Object.entries(values)
                .filter(([name]) => OPTIONS_OF[verb]?.includes(name as keyof typeof OPTIONS))
                .map(
                    ([name, value]) =>
                        `${name.replace("-", "_")}=${value === true ? "yes" : WORDS[name]?.(String(value))}`,
                ),
        ];
        const show = (line: string) => !values.json && process.stdout.write(`${line}\n`);
        const result = await onNas(values, ["run", ...words], show);
        if (values.json) {
            process.stdout.write(`${JSON.stringify({ operation: verb, ...result }, null, 2)}\n`);
        }
        return CODES[result.result ?? ""] ?? 2;
    };
}

/** The names of a registry, as options give them. */
interface Named {
    stack?: string | undefined;
    registry?: string | undefined;
}

/**
 * Runs words of the program that a stack's registry has on its NAS.
 *
 * @param show Gets each line of its output before the line "--".
 * @returns what is behind that, by its names
 */
export async function onNas(named: Named, words: readonly string[], show: (line: string) => void): Promise<Result> {
    const { script, command } = await operationsOf(named);
    return connected(script.inputs.connection, (run) => said(run, command(...words), show));
}

/** A registry of a stack with operations: what has installed them, and the commands of their program on the NAS. */
export async function operationsOf({ stack: name, registry }: Named) {
    const stack = new Stack(await exported(name, "--show-secrets"), new Date(), name);
    const script = chosen(stack, registry);
    const program = lineOf(script.outputs.stdout ?? "", "program");
    const command = (...words: string[]) => [shellOf(script), program, ...words].join(" ");
    return { stack, script, command };
}

/** What a command of the program says, as {@link onNas}. */
export async function said(run: Run, command: string, show: (line: string) => void): Promise<Result> {
    const lines: string[] = [];
    let isResult = false;
    const { code, stderr } = await run(command, "", (line) => {
        if (!isResult && line === "--") {
            isResult = true;
        } else if (isResult) {
            lines.push(line);
        } else {
            show(line);
        }
    });
    if (code !== 0) {
        throw new Error((/nas-registry: (.*)/.exec(stderr) ?? /^\s*(.*)/.exec(stderr))?.[1]);
    }
    return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
}

/** The script that installed the operations of a registry of the stack. */
function chosen(stack: Stack, registry: string | undefined): Script {
    const all = stack
        .machines()
        .flatMap(({ scripts }) => scripts)
        .filter(
            ({ urn, parent }) =>
                nameOf(urn) === `${nameOf(parent)}-operations` && typesOf(parent).endsWith(":NasRegistry"),
        )
        .map((script) => ({ script, name: stack.outputs(script.parent).registry ?? "" }));
    const names = all.map(({ name }) => name).join(", ");
    const [first, ...others] = all.filter(({ name }) => registry === undefined || name === registry);
    if (all.length === 0) {
        throw new Error(
            "no registry of the stack has operations: set its argument operations, {} for instance, and run 'pulumi up'.",
        );
    }
    if (!first) {
        throw new Error(`the stack has no registry '${registry}' with operations; it has ${names}.`);
    }
    if (others.length > 0) {
        throw new Error(`the stack has several registries; name one with --registry: ${names}.`);
    }
    return first.script;
}
