import type { Endpoint } from "../../nas/connection";
import { printable } from "../../settings/printable";
import { typesOf, type StateResource } from "./state";

/** A machine as the stack reaches it. */
export interface Machine extends Endpoint {
    /** Nothing asks the ssh-agent. */
    privateKey: string | undefined;
}

/** A remote script as it was last applied. */
export interface AppliedScript {
    name: string;
    /** URN of the component that it belongs to. */
    component: string;
    machine: Machine;
    /** Command line that reads the script from its standard input and changes nothing. */
    command: string;
    /** The script. */
    input: string;
    /** What it said then. */
    said: string;
}

/** The remote scripts of this package's components, in the order in which they were made. */
export function appliedScripts(resources: readonly StateResource[]): AppliedScript[] {
    return resources
        .filter(({ type }) => type === "command:remote:Command")
        .filter((each) => typesOf(each).some((type) => type.startsWith("nas-registry:index:")))
        .map(({ name, parent, inputs, outputs }) => {
            const { host, port, user, hostKey, privateKey } = inputs.connection as Machine;
            const input = textOf(inputs.stdin);
            const [, shell = ""] = /^(.* -s)/.exec(textOf(inputs.create)) ?? [];
            return {
                name,
                component: parent,
                machine: { host, port, user, hostKey, privateKey: privateKey === "" ? undefined : privateKey },
                command: `${shell} check`,
                input,
                said: printable(textOf(outputs.stdout)),
            };
        });
}

/** Scripts by the machine that they are for. */
export function byMachine(scripts: readonly AppliedScript[]): AppliedScript[][] {
    const machines = new Map<string, AppliedScript[]>();
    for (const script of scripts) {
        const key = JSON.stringify(script.machine);
        machines.set(key, [...(machines.get(key) ?? []), script]);
    }
    return [...machines.values()];
}

/**
 * What is not right, one sentence a line: each line of a script's `check`; of a `name=value` line that the script said before,
 * when it was applied, only what differs.
 */
export function findingsIn(said: string, now: string): string[] {
    const lines = (text: string) => text.split("\n").filter(Boolean);
    const before = new Map(lines(said).map((line) => splitOnce(line)));
    return lines(now).flatMap((line) => {
        const [name, value] = splitOnce(line);
        const then = before.get(name);
        if (then === undefined) {
            return line;
        }
        return then === value ? [] : `${name} is '${value}' now, and was '${then}'`;
    });
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function splitOnce(line: string): [string, string] {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
}
