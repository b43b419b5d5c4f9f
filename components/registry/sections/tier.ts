import { AuthMode } from "./auth";
import { CacheKind } from "./cache";
import type { LogRotation } from "./containerLogs";
import { TlsMode } from "./http";

/** A preset of the settings; each of them can be given on its own. */
export const RegistryTier = {
    /** Registry, data and restart: no users, no TLS, no limits. For a test in a network that you trust. */
    Basic: "basic",
    /** With users, TLS, limits and log rotation. */
    Intermediate: "intermediate",
    /** The same with Redis as descriptor cache. */
    Production: "production",
} as const;
export type RegistryTier = (typeof RegistryTier)[keyof typeof RegistryTier];

/** What a tier decides. */
export interface Preset {
    auth: AuthMode;
    tls: TlsMode;
    cache: CacheKind;
    deletes: boolean;
    /** As Docker takes it; 0 is no limit. */
    memory: string;
    /** CPUs; 0 is no limit. */
    cpus: number;
    /** Nothing: the engine's own default. */
    logs: LogRotation | undefined;
}

const intermediate: Preset = {
    auth: AuthMode.Htpasswd,
    tls: TlsMode.OwnAuthority,
    cache: CacheKind.InMemory,
    deletes: true,
    memory: "1g",
    cpus: 2,
    logs: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
};

/** docs/reference/tiers.md is made of this. */
export const presets: Record<RegistryTier, Preset> = {
    basic: {
        auth: AuthMode.None,
        tls: TlsMode.None,
        cache: CacheKind.InMemory,
        // Whoever reaches a registry without users could empty it.
        deletes: false,
        memory: "0",
        cpus: 0,
        logs: undefined,
    },
    intermediate,
    production: { ...intermediate, cache: CacheKind.Redis },
};
