import { CONFIG_MOUNT, mountsOf, ofRegistries } from "../container";
import { ofExposures } from "../exposure";
import { listOf, rule } from "../rule";

/** Ways in which distribution knows a user; its `silly` lets everybody in who sends any header. */
const AUTHENTICATION = ["htpasswd", "token"];

export const usersOn = rule(
    "registry-users",
    "A registry asks for a user.",
    ofExposures(({ auth }) =>
        AUTHENTICATION.includes(auth)
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
