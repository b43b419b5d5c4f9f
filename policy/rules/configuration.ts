import {
    hasTls,
    isLoopback,
    ofConfigurations,
    type RegistryConfiguration,
    shellVariable,
    splitAddress,
} from "../configuration";
import { CONFIG_MOUNT, mountsOf, ofRegistries } from "../container";
import { listOf, rule } from "../rule";

/**
 * Whether nothing but the NAS itself reaches the registry, as far as the script tells: it listens on the NAS's own address, or
 * wherever its container listens, whose port the script expects there. `registry-reach` looks at the container.
 */
function isLocal({ http }: RegistryConfiguration, script: string): boolean {
    const { host } = splitAddress(http?.addr);
    return (
        isLoopback(host) ||
        (host === "" && isLoopback(splitAddress(shellVariable(script, "ports")?.split(" ")[0]).host))
    );
}

const WEAK_TLS = ["tls1.0", "tls1.1"];

export const tlsOn = rule(
    "registry-tls",
    "A registry serves TLS 1.2 or newer, or the NAS's web server does it for one that nobody else reaches.",
    ofConfigurations((config, script) => {
        const tls = config.http?.tls;
        if (!hasTls(config)) {
            return !tls && isLocal(config, script)
                ? []
                : [
                      "The registry's configuration has no http.tls with certificate and key; passwords would be sent in the clear.",
                  ];
        }
        return WEAK_TLS.includes(tls?.minimumtls ?? "")
            ? [`The registry's configuration has http.tls.minimumtls ${tls?.minimumtls}; set tls1.2 or tls1.3.`]
            : [];
    }),
);

/** Ways in which distribution knows a user; its `silly` lets everybody in who sends any header. */
const AUTHENTICATION = ["htpasswd", "token"];

export const usersOn = rule(
    "registry-users",
    "A registry asks for a user.",
    ofConfigurations(({ auth }) =>
        AUTHENTICATION.some((way) => auth?.[way])
            ? []
            : ["The registry's configuration has neither auth.htpasswd nor auth.token; everybody could push and pull."],
    ),
);

export const configurationHolds = rule(
    "registry-configuration-mounted",
    "A registry reads the configuration that the other rules checked, and nothing overrides it.",
    ofRegistries((inputs) => {
        const mounted = mountsOf(inputs).some(({ target, readOnly }) => target === CONFIG_MOUNT && readOnly);
        const overriding = listOf<string>(inputs.envs).filter((variable) => variable.startsWith("REGISTRY_"));
        return [
            ...(mounted
                ? []
                : [
                      `Nothing is mounted read-only at ${CONFIG_MOUNT}; the registry would start with its image's own configuration, without TLS and users.`,
                  ]),
            // The name alone: the value can be a secret.
            ...overriding.map(
                (variable) => `${variable.split("=")[0]} overrides the configuration file; set it in the file.`,
            ),
        ];
    }),
);
