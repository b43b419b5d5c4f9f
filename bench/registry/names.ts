/** Of the registries that are measured. */
export const GUIDE = "QNAP guide: no TLS, no users, Redis";
export const DECLARED = "as declared: TLS, users, Redis";
export const COST_10 = "as declared, bcrypt cost 10";
export const IN_MEMORY = "as declared, cache in memory";
export const NO_CACHE = "as declared, no cache";
export const OPEN = "as declared, no TLS, no users";
