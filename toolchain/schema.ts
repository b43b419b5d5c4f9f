import { ComponentProvider, getPulumiComponents } from "@pulumi/pulumi/provider/experimental/provider";

import * as components from "../components";
import { repositoryRoot } from ".";

/** The schema that Pulumi infers from the components' sources and serves to programs in other languages, as JSON text. */
export async function inferSchema(): Promise<string> {
    const provider = new ComponentProvider({
        components: getPulumiComponents(components),
        dirname: repositoryRoot,
        name: "nas-registry",
    });
    return `${JSON.stringify(JSON.parse(await provider.getSchema()), null, 4)}\n`;
}
