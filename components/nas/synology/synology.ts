import type { Vendor } from "../vendor";

export const synology: Vendor = {
    name: "synology",
    label: "Synology DSM",
    // 5000 and 5001 are DSM's own; 9160 is the port of the guide most people follow.
    defaultPort: 9160,
    defaultMirrorPort: 9161,
    // Container Manager creates the shared folder "docker" itself since 24.0.2-1535.
    defaultSharedFolder: "docker",
    // "@…" are the system's own subvolumes (@docker, @appconf, …), not shared folders.
    dataPath: /^\/volume\d+\/[^@/.][^/]*\/.+$/,
    externalPath: /^\/volume(?:USB|SATA)/,
    dataPathExample: "/volume1/docker/registry-data",
    // Homes of a directory service's users are deeper: /volume1/homes/@DH-EXAMPLE/0/anna-1107.
    controlPath: /^\/volume\d+\/(?:@nas-registry|homes(?:\/[^/.][^/]*)+\/\.nas-registry)\/[^/.][^/]*\/registry$/,
    sshSetting: "Control Panel > Terminal & SNMP > Enable SSH service",
    blockSetting: "Control Panel > Security > Protection",
    offers: ["reverse proxy", "registry list"],
    schedulerScripts: ["nas/schedule.sh", "nas/synology/dsm.sh", "nas/synology/schedule.sh"],
    snapshotScripts: ["nas/synology/dsm.sh", "nas/synology/snapshot.sh"],
    signs: ["/etc.defaults/VERSION", "/usr/syno/bin/synopkg"],
};

/** DSM's own command for its web API. */
export const SYNOWEBAPI = "/usr/syno/bin/synowebapi";
