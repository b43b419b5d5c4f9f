import { parse } from "yaml";

import { CONFIG_MOUNT, mountsOf, ofRegistries } from "../container";
import { type Check, listOf, rule } from "../rule";

/**
 * A check of the configuration that a remote script writes. TLS and users are in that file and nowhere else, so a policy
 * has to read the script's own input; before the first `up` its generated secrets, and so the file, are not known.
 */
function ofConfigurations(check: (config: RegistryConfiguration, isLocal: boolean) => string[]): Check {
    return (type, inputs) => {
        if (type !== "command:remote:Command") {
            return [];
        }
        const text =
            typeof inputs.stdin === "string" ? shellVariable(inputs.stdin, "file_registry_config_yml") : undefined;
        return text === undefined ? [] : check(parse(text) as RegistryConfiguration, isLocal(String(inputs.stdin)));
    };
}

/** The parts of distribution's config.yml that the rules are about. */
interface RegistryConfiguration {
    auth?: Record<string, unknown>;
    http?: { tls?: { certificate?: string; key?: string; letsencrypt?: unknown; minimumtls?: string } };
}

/** The registry listens on the NAS itself only, behind its web server. */
function isLocal(script: string): boolean {
    return shellVariable(script, "ports")?.startsWith("127.0.0.1:") ?? false;
}

/** The value that a script assigns to a variable, in the one way in which the component quotes it. */
function shellVariable(script: string, name: string): string | undefined {
    const assignment = new RegExp(`^${name}='((?:[^']|'\\\\'')*)'$`, "m").exec(script);
    return assignment?.[1]?.replaceAll(`'\\''`, "'");
}

const WEAK_TLS = ["tls1.0", "tls1.1"];

export const tlsOn = rule(
    "registry-tls",
    "A registry serves TLS 1.2 or newer, or the NAS's web server does it for one that nobody else reaches.",
    ofConfigurations(({ http }, behindWebServer) => {
        const tls = http?.tls;
        if (behindWebServer && !tls) {
            return [];
        }
        if (!tls?.letsencrypt && !(tls?.certificate && tls.key)) {
            return [
                "The registry's configuration has no http.tls with certificate and key; passwords would be sent in the clear.",
            ];
        }
        return WEAK_TLS.includes(tls.minimumtls ?? "")
            ? [`The registry's configuration has http.tls.minimumtls ${tls.minimumtls}; set tls1.2 or tls1.3.`]
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
