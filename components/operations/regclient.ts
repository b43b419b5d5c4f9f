/** A registry as programs of regclient reach it. */
export interface RegistryHost {
    /** `host:port`. */
    registry: string;
    tls: boolean;
    user?: string | undefined;
    pass?: string | undefined;
    /** PEM; without it the public authorities are trusted. */
    authority?: string | undefined;
}

/** The file of regctl. */
export function regctlConfig(...hosts: RegistryHost[]): string {
    return JSON.stringify({ hosts: Object.fromEntries(hosts.map((host) => [host.registry, hostSettings(host)])) });
}

export function hostSettings({ tls, user, pass, authority }: RegistryHost): Record<string, string> {
    return {
        tls: tls ? "enabled" : "disabled",
        ...(tls && authority && { regcert: authority }),
        ...(user && pass && { user, pass }),
    };
}
