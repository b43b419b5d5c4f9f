import type { Endpoint } from "../../nas/connection";
import { hasCheck } from "../../nas/script";
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
    /** Command line that reads the script from its standard input and changes nothing; none when the script knows none. */
    command: string | undefined;
    /** The script. */
    input: string;
    /** What it said then, for one that does nothing but look; nothing for one that says by itself what is not right. */
    said: string | undefined;
}

/** The remote scripts of this package's components, in the order in which they were made. */
export function appliedScripts(resources: readonly StateResource[]): AppliedScript[] {
    return resources
        .filter(({ type }) => type === "command:remote:Command")
        .filter((each) => typesOf(each).some((type) => type.startsWith("nas-registry:index:")))
        .map(({ name, parent, inputs, outputs }) => {
            const { host, port, user, hostKey, privateKey } = inputs.connection as Machine;
            const input = textOf(inputs.stdin);
            // "/bin/sh -s", for a script that is never taken back, or "/bin/sh -s apply".
            const [, shell = "", verb] = /^(.* -s)( apply)?$/.exec(textOf(inputs.create)) ?? [];
            const knowsCheck = hasCheck(input);
            const looks = verb === undefined ? shell : undefined;
            return {
                name,
                component: parent,
                machine: { host, port, user, hostKey, privateKey: privateKey === "" ? undefined : privateKey },
                command: knowsCheck ? `${shell} check` : looks,
                input,
                said: knowsCheck ? undefined : printable(textOf(outputs.stdout)),
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

/** What a script that does nothing but look says now and did not say then, one sentence for each of its `name=value` lines. */
export function newlySaid(said: string, now: string): string[] {
    const lines = (text: string) => text.split("\n").filter(Boolean);
    const before = new Map(lines(said).map((line) => splitOnce(line)));
    return lines(now)
        .map((line) => splitOnce(line))
        .filter(([name, value]) => before.has(name) && before.get(name) !== value)
        .map(([name, value]) => `${name} is '${value}' now, and was '${before.get(name)}'`);
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function splitOnce(line: string): [string, string] {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
}
