import type { Provider, ResourceType } from "../core/provider";
import type { Props } from "../core/values";
import { sdkVersion } from "../core/version";
import { DockerClient } from "./client";
import { checkSettings, endpointOf } from "./config";
import { container } from "./container";
import { remoteImage } from "./remote-image";

export function createDockerProvider(): Provider {
    let types: Record<string, ResourceType> = typesFor(
        new DockerClient(endpointOf({ host: "unix:///var/run/docker.sock" })),
    );
    return {
        name: "docker",
        version: sdkVersion("docker"),
        capabilities: { supportsAutonamingConfiguration: true },
        checkConfig: (news) => ({ inputs: news, failures: checkSettings(news) }),
        // A changed host is an update in place; the engine compares the settings itself.
        diffConfig: () => ({}),
        async configure(settings: Props) {
            const endpoint = endpointOf(settings);
            const client = new DockerClient(endpoint);
            if (endpoint.kind !== "ssh") {
                await client.connect().catch((error: unknown) => {
                    const why = error instanceof Error ? error.message : String(error);
                    throw new Error(
                        "docker native provider returned an unexpected error from Configure: " +
                            `failed to connect to any docker daemon: ${why}`,
                    );
                });
            }
            types = typesFor(client);
        },
        resource: (type) => types[type],
    };
}

export const dockerProvider = createDockerProvider();

function typesFor(client: DockerClient): Record<string, ResourceType> {
    return {
        "docker:index/container:Container": container(client),
        "docker:index/remoteImage:RemoteImage": remoteImage(client),
    };
}
