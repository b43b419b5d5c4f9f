/** Where things are inside the registry's container. */
export const CONFIG_MOUNT = "/etc/distribution";
/** Of the authorities that the registry trusts besides the public ones. */
export const TRUSTED_FILE = "trusted-certificates.pem";
export const DATA_MOUNT = "/var/lib/registry";
/** What the registry's container runs. */
export const START_FILE = "start.sh";
