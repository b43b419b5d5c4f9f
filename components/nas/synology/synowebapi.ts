/** DSM's own command for its web API. */
export const SYNOWEBAPI = "/usr/syno/bin/synowebapi";
