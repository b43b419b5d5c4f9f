import type { Provider, ResourceType } from "../core/provider";
import { sdkVersion } from "../core/version";
import { remoteCommand } from "./remote-command";

/** The real plugin writes the version of the framework it is built on into its configuration. */
const FRAMEWORK = { "__pulumi-go-provider-version": "1.2.0" };

const types: Record<string, ResourceType> = { "command:remote:Command": remoteCommand };

export const commandProvider: Provider = {
    name: "command",
    version: sdkVersion("command"),
    capabilities: { acceptSecrets: true, acceptResources: true, acceptOutputs: true },
    checkConfig: (news) => ({ inputs: { ...FRAMEWORK, ...news }, failures: [] }),
    configure: () => undefined,
    resource: (type) => types[type],
};
