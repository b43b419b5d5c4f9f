import { parse } from "yaml";

import { type Check, type Inputs } from "./rule";

/** The parts of distribution's config.yml that the rules are about. */
export interface RegistryConfiguration {
    auth?: Record<string, unknown>;
    http?: {
        addr?: string;
        debug?: { addr?: string; prometheus?: { enabled?: boolean } };
        tls?: { certificate?: string; key?: string; letsencrypt?: unknown; minimumtls?: string };
    };
}

/**
 * The configuration that a remote script writes, with whatever was merged into it; nothing for other resources. TLS, users and
 * addresses are in that file and nowhere else, so a policy has to read the script's own input; before the first `up` its
 * generated secrets, and so the file, are not known.
 */
export function configurationOf(type: string, inputs: Inputs): RegistryConfiguration | undefined {
    if (type !== "command:remote:Command" || typeof inputs.stdin !== "string") {
        return undefined;
    }
    const text = shellVariable(inputs.stdin, "file_registry_config_yml");
    return text === undefined ? undefined : (parse(text) as RegistryConfiguration);
}

/** A check of each configuration, and of the script that writes it. */
export function ofConfigurations(check: (config: RegistryConfiguration, script: string) => string[]): Check {
    return (type, inputs) => {
        const config = configurationOf(type, inputs);
        return config ? check(config, String(inputs.stdin)) : [];
    };
}

export function hasTls({ http }: RegistryConfiguration): boolean {
    const { certificate, key, letsencrypt } = http?.tls ?? {};
    return Boolean(letsencrypt) || Boolean(certificate && key);
}

/** `host:port` as distribution's configuration has it, the host often left out. */
export function splitAddress(address: string | undefined): { host: string; port: string | undefined } {
    const [, host = "", port] = /^(.*):(\d+)$/.exec(address ?? "") ?? [];
    return { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}

export function isLoopback(host: string | null | undefined): boolean {
    return typeof host === "string" && /^(127(\.\d+){3}|::1|localhost)$/.test(host);
}

/** The value that a script assigns to a variable, in the one way in which the component quotes it. */
export function shellVariable(script: string, name: string): string | undefined {
    const assignment = new RegExp(`^${name}='((?:[^']|'\\\\'')*)'$`, "m").exec(script);
    return assignment?.[1]?.replaceAll(`'\\''`, "'");
}
