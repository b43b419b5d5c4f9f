/** Where things are inside the registry's container. */
export const CONFIG_MOUNT = "/etc/distribution";
export const DATA_MOUNT = "/var/lib/registry";
/** What the registry's container runs. */
export const START_FILE = "start.sh";
