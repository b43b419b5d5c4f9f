import { parseArgs } from "node:util";

import { asClientKind, renderClientSetup } from "../clients/clientSetup";
import { exported } from "./check/exported";

/** What a registry, or a mirror, tells of itself in a stack's state; no secret is among it. */
interface Outputs {
    registry: string;
    url: string;
    caCertificate: string;
}

/** Prints the script that makes a client trust a stack's registry. */
export async function run(args: string[]): Promise<number> {
    const options = { stack: { type: "string", short: "s" }, registry: { type: "string", short: "r" } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const kind = asClientKind(positionals.join(" "));
    const { deployment } = JSON.parse(await exported(values.stack)) as {
        deployment?: { resources?: { type: string; outputs: Outputs }[] };
    };
    const registries = (deployment?.resources ?? [])
        .filter(({ type }) => /^nas-registry:index:Nas(Registry|Mirror)$/.test(type))
        .map(({ outputs }) => outputs);
    const { registry, url, caCertificate } = chosen(registries, values.registry);
    process.stdout.write(renderClientSetup(registry, { caCertificate, insecure: url.startsWith("http:") })[kind]);
    return 0;
}

function chosen(registries: Outputs[], wanted: string | undefined): Outputs {
    const names = registries.map(({ registry }) => registry).join(", ");
    const [first, ...others] = registries.filter(({ registry }) => wanted === undefined || registry === wanted);
    if (registries.length === 0) {
        throw new Error("the stack has no registry; name another one with --stack, or run 'pulumi up' first.");
    }
    if (!first) {
        throw new Error(`the stack has no registry '${wanted}'; it has ${names}.`);
    }
    if (others.length > 0) {
        throw new Error(`the stack has several registries; name one with --registry: ${names}.`);
    }
    return first;
}
