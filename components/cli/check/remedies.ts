import { shellQuote } from "../../nas/script";

/** The registry of this repository's own stack program, whose arguments are in the stack's configuration. */
const OWN_REGISTRY = /^urn:pulumi:[^:]+::nas-registry::nas-registry:index:NasRegistry::registry$/;
const CONTAINER = "docker:index/container:Container";

/** Name of a resource, by its URN. */
export function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}

/** Types of its parents and its own, the outermost first: `nas-registry:index:NasRegistry$command:remote:Command`. */
export function typesOf(urn: string): string {
    return urn.split("::")[2] ?? "";
}

/** The end of the URN of a component's registry. */
export function containerOf(component: string): string {
    return `::${typesOf(component)}$${CONTAINER}::${nameOf(component)}`;
}

/** What mends a finding: commands for a shell in the project's folder, and what to change in the program before them. */
export class Remedies {
    private readonly on: string;

    /** @param now Makes another text for `reapply` than any before. */
    constructor(
        stack: string,
        readonly now: Date,
    ) {
        this.on = `--stack ${/^[\w./-]+$/.test(stack) ? stack : shellQuote(stack)}`;
    }

    get up(): string {
        return `pulumi up ${this.on}`;
    }

    /** Runs every script of a component again. */
    reapply(component: string, commands = this.up): string {
        const text = this.now.toISOString().slice(0, 19);
        return OWN_REGISTRY.test(component)
            ? `pulumi config set --path nas-registry:registry.reapply ${text} ${this.on} && ${commands}`
            : `set reapply of ${typesOf(component).split(":").at(-1)} '${nameOf(component)}' to "${text}", then ${commands}`;
    }

    /** The same, with another container for the registry, and for Redis if that is gone. */
    container(component: string): string {
        // A pattern, since the refresh takes a container that is gone out of the state, and a URN that is not there is an error.
        const replacement = this.replace(`**${containerOf(component)}`);
        return this.reapply(component, `pulumi refresh --run-program ${this.on} && ${replacement}`);
    }

    /** Makes one resource again; not a script that reverts, since the old one would take back what the new one did. */
    replace(urn: string): string {
        return `${this.up} --replace ${shellQuote(urn)}`;
    }

    /** A registry that does not serve, though its files are right, needs another container; all else is for the scripts to put back. */
    script({ urn, parent, dependencies }: { urn: string; parent: string; dependencies: string[] }): string {
        // Only the smoke test waits for the containers.
        if (dependencies.some((each) => typesOf(each).endsWith(CONTAINER))) {
            return this.container(parent);
        }
        return typesOf(parent).endsWith(":NasProbe") ? this.replace(urn) : this.reapply(parent);
    }
}
