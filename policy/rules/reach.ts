import { configurationOf, hasTls, isLoopback, type RegistryConfiguration, splitAddress } from "../configuration";
import { CONTAINER, isRegistryContainer } from "../container";
import { type Inputs, listOf, type StackResource, stackRule } from "../rule";

interface Port {
    internal?: number;
    ip?: string | null;
}

/** Networks in which nobody outside reaches a container but through a published port. */
const BRIDGED = ["", "default", "bridge"];

/** Whether other machines reach what listens on an address in a container. */
function isReached(address: string | undefined, container: Inputs): boolean {
    const { host, port } = splitAddress(address);
    if (isLoopback(host) || container.networkMode === "none") {
        return false;
    }
    if (!BRIDGED.includes((container.networkMode ?? "") as string)) {
        return true;
    }
    const isPublished = ({ internal, ip }: Port) =>
        (port === undefined || internal === Number(port)) && !isLoopback(ip);
    return container.publishAllPorts === true || listOf<Port>(container.ports).some(isPublished);
}

/** Of the stack, since where a registry listens is in a file that a script writes, and who reaches that in its container. */
export const notReached = stackRule(
    "registry-reach",
    "Other machines reach a registry through TLS only, and its debug port only for metrics.",
    (resources) =>
        resources.flatMap((script) => {
            const config = configurationOf(script.type, script.props);
            return config
                ? resources
                      .filter((each) => each.type === CONTAINER && each.parent?.urn === script.parent?.urn)
                      .filter((each) => isRegistryContainer(each.props))
                      .flatMap((container) => problemsOf(config, container))
                : [];
        }),
);

function problemsOf(config: RegistryConfiguration, { name, props }: StackResource): string[] {
    const { addr, debug } = config.http ?? {};
    const problems: string[] = [];
    if (!hasTls(config) && isReached(addr, props)) {
        problems.push(
            `Other machines reach the registry ${name} on ${addr ?? "every address"}, and its configuration has no http.tls; set it, or let nothing but the NAS reach the registry, on 127.0.0.1.`,
        );
    }
    if (debug?.addr && debug.prometheus?.enabled !== true && isReached(debug.addr, props)) {
        problems.push(
            `Other machines reach the debug port of the registry ${name} on ${debug.addr}, which shows how it works inside, and no metrics were asked for; remove http.debug.`,
        );
    }
    return problems;
}
