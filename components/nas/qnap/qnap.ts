import type { Vendor } from "../vendor";

export const qnap: Vendor = {
    name: "qnap",
    label: "QNAP QTS or QuTS hero",
    defaultPort: 5000,
    // 5001 is where metrics are.
    defaultMirrorPort: 5002,
    // Created by Container Station's first-run wizard.
    defaultSharedFolder: "Container",
    // /share/Container/… or what it resolves to, /share/CACHEDEV1_DATA/Container/… or /share/ZFS530_DATA/…
    dataPath: /^\/share\/(?:(?:CACHEDEV|ZFS)\d+_DATA\/[^@/.][^/]*|(?!(?:CACHEDEV|ZFS)\d+_DATA\/)[^@/.][^/]*)\/.+$/,
    dataPathExample: "/share/Container/registry-data",
    controlPath:
        /^\/share\/(?:CACHEDEV|ZFS)\d+_DATA\/(?:homes(?:\/[^/.][^/]*)+\/)?\.nas-registry\/[^/.][^/]*\/registry$/,
    sshSetting: "Control Panel > Network & File Services > Telnet / SSH",
    blockSetting: "Control Panel > Security > IP Access Protection",
    signs: ["/sbin/getcfg", "/etc/config/qpkg.conf"],
};
