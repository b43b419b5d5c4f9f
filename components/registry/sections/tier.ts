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

export interface TierArgs {
    /**
     * Preset of users, TLS, cache, deletes, limits and logs, each of which can be given on its own. It must be known when
     * the program runs. @default "production"
     */
    tier?: RegistryTier;
}
