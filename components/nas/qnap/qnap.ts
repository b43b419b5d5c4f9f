import type { Vendor } from "../vendor";

export const qnap: Vendor = {
    name: "qnap",
    label: "QNAP QTS or QuTS hero",
    defaultPort: 5000,
    // 5001 is where metrics are.
    defaultMirrorPort: 5002,
    // Created by Container Station's first-run wizard.
    defaultSharedFolder: "Container",
    // A shared folder by its link, /share/Container/…, or by its place on a volume, /share/CE_CACHEDEV1_DATA/Container/…
    dataPath: /^\/share\/(?!external\/)[^@/.][^/]*\/[^@/.][^/]*(?:\/.+)?$/,
    externalPath: /^\/share\/external\//,
    dataPathExample: "/share/Container/registry-data",
    controlPath: /^\/share\/\w+_DATA\/(?:homes(?:\/[^/.][^/]*)+\/)?\.nas-registry\/[^/.][^/]*\/registry$/,
    sshSetting: "Control Panel > Network & File Services > Telnet / SSH",
    blockSetting: "Control Panel > Security > IP Access Protection",
    schedulerScripts: ["nas/schedule.sh", "nas/qnap/schedule.sh"],
    snapshotScripts: ["nas/zfs.sh"],
    signs: ["/sbin/getcfg", "/etc/config/qpkg.conf"],
};
