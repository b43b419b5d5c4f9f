import { isRpcSecret } from "@pulumi/pulumi/runtime";

import type { Endpoint } from "../../nas/connection";
import { containerOf, Remedies, typesOf } from "./remedies";

/** A resource of a stack's state, its secrets in the clear; parent ("" without one) and dependencies are URNs. */
interface Resource {
    urn: string;
    /** Without the types of its parents. */
    type: string;
    parent: string;
    dependencies: string[];
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/** A machine as a stack reaches it; without a key, the ssh-agent is asked. */
export interface Machine extends Endpoint {
    privateKey?: string;
}

/** A remote script as it was last applied. */
export interface Script extends Resource {
    inputs: { connection: Machine; create?: string; update?: string; stdin: string };
    outputs: { stdout?: string };
}

/** The shell that reads a script, with what gives it its rights. */
export function shellOf({ inputs }: Script): string {
    return (inputs.create ?? inputs.update ?? "").replace(/ -s apply$/, "");
}

/** A stack as its state tells of it. */
export class Stack {
    readonly resources: readonly Resource[];
    readonly remedies: Remedies;

    /** What `pulumi stack export --show-secrets` printed; `name` is how commands call the stack, its name by default. */
    constructor(exported: string, now: Date, name?: string) {
        const { deployment } = JSON.parse(exported, inTheClear) as {
            deployment?: { resources?: (Resource & { delete?: boolean })[] };
        };
        this.resources = (deployment?.resources ?? [])
            // Those that only wait for their deletion are gone already.
            .filter((each) => !each.delete)
            .map((each) => ({ ...{ parent: "", dependencies: [], inputs: {}, outputs: {} }, ...each }));
        this.remedies = new Remedies(name ?? this.resources[0]?.urn.split(":")[2] ?? "", now);
    }

    /** The scripts of this package's components by the machine that they are for, in the order in which they were made. */
    machines(): { machine: Machine; scripts: Script[] }[] {
        const scripts = this.resources.filter(
            ({ type, urn }) => type === "command:remote:Command" && typesOf(urn).includes("nas-registry:index:"),
        ) as Script[];
        const keyOf = ({ inputs }: Script) => JSON.stringify(inputs.connection);
        return [...new Set(scripts.map(keyOf))].map((key) => ({
            machine: JSON.parse(key) as Machine,
            scripts: scripts.filter((each) => keyOf(each) === key),
        }));
    }

    /** The outputs of a component; none of one that is not there. */
    outputs(component: string): Record<string, string | undefined> {
        return (this.resources.find(({ urn }) => urn === component)?.outputs ?? {}) as Record<string, string>;
    }

    /** The address on the NAS where a component's registry listens; all of them as the engine or distribution writes it. */
    bindAddress(component: string): string {
        const container = this.resources.find(({ urn }) => urn.endsWith(containerOf(component)));
        const { ports, labels } = (container?.inputs ?? {}) as {
            ports?: { ip: string }[];
            labels?: { label: string; value: string }[];
        };
        // In the NAS's own network it has no ports.
        const listens = labels?.find(({ label }) => label === "nas-registry.listens")?.value ?? "";
        return ports?.[0]?.ip ?? listens.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
    }
}

function inTheClear(_key: string, value: unknown): unknown {
    return isRpcSecret(value) ? JSON.parse((value as { plaintext: string }).plaintext, inTheClear) : value;
}
