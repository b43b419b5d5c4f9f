import { runsRedis, type NasFacts } from "../../nas/probe";
import type { CacheKind } from "./cache";

/** The descriptor cache that this NAS can have: the registry's own memory in place of a Redis that does not run there. */
export function cacheInEffect(wanted: CacheKind, facts: NasFacts): CacheKind {
    return wanted === "redis" && !runsRedis(facts) ? "inmemory" : wanted;
}
