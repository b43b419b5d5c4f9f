import type { Provider, ResourceType } from "./provider";
import { sdkVersion } from "./version";

/** A provider without configuration of its own (random, tls). */
export function unconfiguredProvider(name: string, types: Record<string, ResourceType>): Provider {
    return {
        name,
        version: sdkVersion(name),
        capabilities: { acceptResources: true, supportsAutonamingConfiguration: true },
        checkConfig: (news) => ({
            inputs: news,
            failures: Object.keys(news)
                .filter((key) => key !== "version" && key !== "pluginDownloadURL")
                .map((key) => ({
                    property: "",
                    reason: `could not validate provider configuration: Invalid or unknown key. Examine values at '${key}'.`,
                })),
        }),
        // Nothing here makes a provider be replaced; the engine compares the settings itself.
        diffConfig: () => ({}),
        configure: () => undefined,
        resource: (type) => types[type],
    };
}
