import type { Endpoint } from "../../nas/connection";
import { Remedies } from "./remedies";
import { nameOf, typesOf } from "./urn";

/** A resource of a stack's state, its secrets in the clear. */
export interface StateResource {
    urn: string;
    /** Without the types of its parents. */
    type: string;
    /** URN; "" without one. */
    parent: string;
    /** URNs. */
    dependencies: string[];
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/** A machine as a stack reaches it. */
export interface Machine extends Endpoint {
    /** Without one the ssh-agent is asked. */
    privateKey?: string;
}

/** A remote script as it was last applied. */
export interface Script extends StateResource {
    inputs: { connection: Machine; create: string; stdin: string };
    outputs: { stdout?: string };
}

/** How Pulumi marks a secret among plain values. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A stack as its state tells of it. */
export class Stack {
    readonly resources: readonly StateResource[];
    readonly remedies: Remedies;

    /**
     * @param exported What `pulumi stack export --show-secrets` prints.
     * @param name How commands call the stack; its name by default.
     */
    constructor(
        exported: string,
        readonly now: Date,
        name?: string,
    ) {
        const { deployment } = JSON.parse(exported, inTheClear) as {
            deployment?: { resources?: (StateResource & { delete?: boolean })[] };
        };
        this.resources = (deployment?.resources ?? [])
            // Those that only wait for their deletion are gone already.
            .filter((each) => !each.delete)
            .map((each) => ({ ...{ parent: "", dependencies: [], inputs: {}, outputs: {} }, ...each }));
        this.remedies = new Remedies(name ?? this.resources[0]?.urn.split(":")[2] ?? "", now);
    }

    /** The scripts of this package's components by the machine that they are for, in the order in which they were made. */
    machines(): { machine: Machine; scripts: Script[] }[] {
        const machines = new Map<string, { machine: Machine; scripts: Script[] }>();
        const all = this.resources.filter(({ type }) => type === "command:remote:Command") as Script[];
        for (const script of all.filter(({ urn }) => typesOf(urn).includes("nas-registry:index:"))) {
            const machine = script.inputs.connection;
            const { scripts } = machines.get(JSON.stringify(machine)) ?? { scripts: [] };
            machines.set(JSON.stringify(machine), { machine, scripts: [...scripts, script] });
        }
        return [...machines.values()];
    }

    /** The outputs of a component; none of one that is not there. */
    outputs(component: string): Record<string, string | undefined> {
        return (this.resources.find(({ urn }) => urn === component)?.outputs ?? {}) as Record<string, string>;
    }

    /** The address on the NAS where a component's registry listens; all of them as the engine or distribution writes it. */
    bindAddress(component: string): string {
        const container = this.resources.find(
            ({ type, urn, parent }) =>
                type === "docker:index/container:Container" &&
                parent === component &&
                nameOf(urn) === nameOf(component),
        );
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
    const { [SIGNATURE]: kind, plaintext } = Object(value) as { [SIGNATURE]?: string; plaintext?: string };
    return kind === SECRET ? JSON.parse(plaintext ?? "null", inTheClear) : value;
}
