import type { Vendor } from "../vendor";

export const linux: Vendor = {
    name: "linux",
    label: "Linux with Docker Engine",
    // The port of distribution's own examples; 5001 is where metrics are.
    defaultPort: 5000,
    defaultMirrorPort: 5002,
    // At least two names deep, not where the system keeps itself, and not where another vendor's NAS keeps its volumes.
    dataPath:
        /^\/(?!(?:bin|boot|dev|etc|lib\w*|proc|root|run|sbin|share|sys|tmp|usr|volume\d+|var\/(?:cache|log|run|spool|tmp|lib\/docker))\/)[^/]+\/.+$/,
    dataPathExample: "/srv/registry-data",
    // Below /var/lib; on TrueNAS on the pool with the data, on Unraid in Docker's image, and without root in the user's home.
    controlPath:
        /^\/(?:var\/lib\/nas-registry|(?:var\/lib\/docker|(?:mnt|home)\/[^/.][^/]*)\/\.nas-registry)\/[^/.][^/]*\/registry$/,
    sshSetting: "its package openssh-server, 'systemctl status ssh'; System > Services on TrueNAS, Settings on Unraid",
    blockSetting: "'fail2ban-client status sshd'",
    // None, and so every machine that is no other vendor's.
    schedulerScripts: ["nas/schedule.sh", "nas/linux/schedule.sh"],
    snapshotScripts: ["nas/zfs.sh"],
    signs: [],
};
