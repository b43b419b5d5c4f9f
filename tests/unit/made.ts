import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import { required } from "./arguments";
import { capableNas, registered, type Registered } from "./mocks";

export const container = "docker:index/container:Container";

/** The resources of a registry with these arguments. */
export class Made {
    constructor(private readonly resources: Registered[]) {}

    names(type: string): string[] {
        return this.resources.flatMap((each) => (each.type === type ? [each.name] : [])).sort();
    }

    container(name = "registry"): Record<string, unknown> {
        return this.resources.find((each) => each.type === container && each.name === name)?.inputs ?? {};
    }

    /** The text that a script gets: the files that it writes among it. */
    stdin(name = "registry-files"): string {
        return String(this.resources.find((each) => each.name === name)?.inputs.stdin);
    }
}

export const made = async (args: Partial<NasRegistryArgs>, probe = capableNas) =>
    new Made(await registered(() => new NasRegistry("registry", { ...required, ...args }), { probe }));

/** What is said at `up`, all of it. */
export async function warningsOf(
    args: Partial<NasRegistryArgs>,
    component = NasRegistry,
    probe = capableNas,
): Promise<string> {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    try {
        await registered(() => new component("registry", { ...required, ...args }), { probe });
        return warn.mock.calls.map(([text]) => text).join("\n");
    } finally {
        warn.mockRestore();
    }
}
