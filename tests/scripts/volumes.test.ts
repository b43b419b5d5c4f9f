import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { findingsIn } from "../../components/cli/check/check";
import { ScriptHost, shells } from "./shells";

/** As QTS has them; the encrypted volume's device is a device mapper's, too. */
const qts = `\
none / tmpfs rw,relatime,size=409600k,mode=755 0 0
/dev/md9 /mnt/HDA_ROOT ext3 rw,relatime,data=ordered 0 0
/dev/mapper/cachedev1 /share/CACHEDEV1_DATA ext4 rw,relatime,(null),noacl,stripe=256,data=ordered,jqfmt=vfsv0 0 0
/dev/mapper/ce_cachedev2 /share/CE_CACHEDEV2_DATA ext4 rw,relatime,(null),noacl,data=ordered 0 0
/dev/mapper/cachedev3 /share/CACHEDEV3_DATA ext4 ro,relatime,(null),noacl,data=ordered 0 0
/dev/mapper/cachedev1 /share/NFSv=4/images ext4 rw,relatime,(null),noacl,stripe=256,data=ordered 0 0
/share/CACHEDEV1_DATA/.__eN__secret /share/CACHEDEV1_DATA/secret ecryptfs rw,relatime,ecryptfs_sig=1 0 0
//10.0.0.9/media /share/CACHEDEV1_DATA/images/far\\040away cifs rw,relatime,username=anna 0 0
/dev/loop7 /share/my\\040own_DATA ext4 rw 0 0
tmpfs /share/external/.cm tmpfs rw,relatime,size=1024k 0 0
/dev/sdg1 /share/external/DEV3302_1 ext4 rw,relatime,(null),noacl,data=ordered 0 0
ufsd /share/external/DEV3304_1 ufsd rw,relatime,nls=utf8,uid=0,gid=0 0 0
rclone: /share/cloud fuse.rclone rw,nosuid,nodev 0 0
`;
const hero = `\
none / tmpfs rw,relatime 0 0
zpool1/zfs530 /share/ZFS530_DATA zfs rw,relatime,xattr,noacl 0 0
zpool1/zfs19 /share/ZFS19_DATA zfs rw,relatime,xattr,noacl 0 0
zpool1/zfs19/RecentlySnapshot /share/ZFS19_DATA/Container/@Recently-Snapshot zfs ro,relatime 0 0
`;
const oldQts = `\
/dev/ramdisk / ext2 rw 0 0
/dev/md0 /share/MD0_DATA ext3 rw,usrquota 0 0
/dev/sdb3 /share/HDB_DATA ext4 rw,usrquota 0 0
`;
const dsm = `\
/dev/md0 / ext4 rw,noatime,data=ordered 0 0
/dev/mapper/cachedev_0 /volume1 btrfs rw,nodev,relatime,ssd,synoacl,space_cache=v2,subvolid=256,subvol=/@syno 0 0
/dev/mapper/cryptvol_2 /volume2 btrfs rw,nodev,relatime,synoacl 0 0
/dev/mapper/cachedev_9 /volume10 ext4 rw,relatime,synoacl 0 0
/dev/mapper/cachedev_8 /volume8 btrfs ro,relatime,synoacl 0 0
/volume1/@vault@ /volume1/vault ecryptfs rw,relatime,ecryptfs_sig=1 0 0
10.0.0.9:/media /volume1/docker/nfs nfs4 rw,relatime,vers=4.1 0 0
//10.0.0.9/media /volume1/docker/smb cifs rw,relatime 0 0
/dev/sdq /volumeUSB1/usbshare ext4 rw,relatime,synoacl 0 0
/dev/sdr1 /volumeSATA1/satashare vfat rw,relatime 0 0
`;

const debian = `\
/dev/sda1 / ext4 rw,relatime 0 0
/dev/sdb1 /mnt/usb ext4 rw,relatime 0 0
/dev/sdc1 /media/stick vfat rw,relatime 0 0
/dev/sdd1 /srv/my\\040disk xfs ro,relatime 0 0
`;

type Row = [
    title: string,
    mounts: string,
    place: { shared?: string; data?: string; encrypted?: string },
    answer: string,
];

describe.each(shells)("where images can be, in %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    const probe = (vendor: string, mounts: string, { shared = "", data = "", encrypted = "" }, verb = "apply") => {
        const values = {
            mounts,
            shared_at: shared,
            encrypted,
            vendor,
            known_vendors: `${vendor} /`,
            container_name: "registry",
            shared_folder: vendor === "linux" ? "" : "images",
            data_directory: data,
            run_as_user: 91_600,
            run_as_given: "yes",
        };
        return host.run(
            [`nas/${vendor}/${vendor}.sh`, "../tests/scripts/volumes/nas.sh", "nas/probe.sh"],
            values,
            verb,
        );
    };

    const answersTo = async (vendor: string, [, mounts, place]: Row) => {
        const { stdout, stderr } = await probe(vendor, mounts, place);
        const [, data = ""] = /^dataDirectory=(.*)$/m.exec(stdout) ?? [];
        const [, control = ""] = /^controlDirectory=(.*)$/m.exec(stdout) ?? [];
        return stderr === "" ? `${data} ${control}` : stderr.trim();
    };

    const external = "is on an external disk, and can be unplugged";
    const none = (type: string, point: string) =>
        `is on no data volume: the file system there is '${type}', mounted at '${point}'`;
    const locked = "is in a shared folder that is encrypted and locked";
    const onFirst = { shared: "/share/CACHEDEV1_DATA/images" };
    const inDsm = { shared: "/volume1/docker" };

    test.each<Row>([
        ["a volume", qts, onFirst, "/share/CACHEDEV1_DATA"],
        ["an encrypted volume", qts, { shared: "/share/CE_CACHEDEV2_DATA/images" }, "/share/CE_CACHEDEV2_DATA"],
        ["an encrypted shared folder", qts, { shared: "/share/CACHEDEV1_DATA/secret" }, "/share/CACHEDEV1_DATA"],
        ["a folder of QuTS hero", hero, { shared: "/share/ZFS19_DATA/Container" }, "/share/ZFS19_DATA"],
        ["a RAID of an old model", oldQts, { shared: "/share/MD0_DATA/images" }, "/share/MD0_DATA"],
        ["a single disk of an old model", oldQts, { shared: "/share/HDB_DATA/a b" }, "/share/HDB_DATA"],
    ])("of a QNAP: in %s, with the configuration beside it", async (...row) => {
        const [, , { shared }, volume] = row;
        expect(await answersTo("qnap", row)).toBe(`${shared}/registry-data ${volume}/.nas-registry/registry`);
    });

    test.each<Row>([
        ["a volume", dsm, inDsm, "/volume1"],
        ["an encrypted volume", dsm, { shared: "/volume2/docker" }, "/volume2"],
        ["a volume with two digits", dsm, { shared: "/volume10/docker" }, "/volume10"],
        ["an encrypted shared folder", dsm, { shared: "/volume1/vault", encrypted: "/volume1/@vault@" }, "/volume1"],
    ])("of a Synology: in %s, with the configuration beside it", async (...row) => {
        const [, , { shared }, volume] = row;
        expect(await answersTo("synology", row)).toBe(`${shared}/registry-data ${volume}/@nas-registry/registry`);
    });

    test("the volume of the configuration stays the shared folder's when the data is on another", async () => {
        const data = "/share/CE_CACHEDEV2_DATA/other/data";
        expect(await answersTo("qnap", ["", qts, { ...onFirst, data }, ""])).toBe(
            `${data} /share/CACHEDEV1_DATA/.nas-registry/registry`,
        );
    });

    test.each<Row>([
        ["an external disk", qts, { ...onFirst, data: "/share/external/DEV3302_1/a/b" }, external],
        ["one with NTFS", qts, { ...onFirst, data: "/share/external/DEV3304_1/a/b" }, external],
        ["one that is not plugged in", qts, { ...onFirst, data: "/share/external/DEV3309_1/a/b" }, external],
        ["a volume's own directory", qts, { ...onFirst, data: "/share/CACHEDEV1_DATA/x" }, "is in no directory of its"],
        ["a locked volume", qts, { ...onFirst, data: "/share/CE_CACHEDEV9_DATA/a/b" }, none("tmpfs", "/")],
        [
            "the RAM disk, by a volume's name",
            qts,
            { ...onFirst, data: "/share/CACHEDEV9_DATA/a/b" },
            none("tmpfs", "/"),
        ],
        ["a folder that is gone", qts, { ...onFirst, data: "/share/gone/a/b" }, none("tmpfs", "/")],
        ["what NFS shows", qts, { ...onFirst, data: "/share/NFSv=4/images/a" }, none("ext4", "/share/NFSv=4/images")],
        [
            "another machine's folder in a shared folder",
            qts,
            { ...onFirst, data: "/share/CACHEDEV1_DATA/images/far away/a" },
            none("cifs", "/share/CACHEDEV1_DATA/images/far away"),
        ],
        ["a cloud's folder", qts, { ...onFirst, data: "/share/cloud/a/b" }, none("fuse.rclone", "/share/cloud")],
        ["a volume that went read-only", qts, { ...onFirst, data: "/share/CACHEDEV3_DATA/a/b" }, "mounted read-only"],
        [
            "a snapshot",
            hero,
            {
                shared: "/share/ZFS19_DATA/Container",
                data: "/share/ZFS19_DATA/Container/@Recently-Snapshot/a",
            },
            "mounted read-only",
        ],
        [
            "a locked shared folder",
            qts,
            {
                ...onFirst,
                data: "/share/CACHEDEV1_DATA/vault/a",
                encrypted: "/share/CACHEDEV1_DATA/.__eN__vault",
            },
            locked,
        ],
    ])("of a QNAP: not on %s", async (...row) => {
        const [, , { data }, reason] = row;
        const said = await answersTo("qnap", row);
        expect(said).toContain(`nas-registry: dataDirectory: '${data}' is '${data}' on this NAS, which `);
        expect(said).toContain(reason);
        expect(said).toContain("choose a path inside another shared folder");
    });

    test.each<Row>([
        [
            "an NFS server's folder",
            dsm,
            { ...inDsm, data: "/volume1/docker/nfs/a" },
            none("nfs4", "/volume1/docker/nfs"),
        ],
        [
            "a Windows server's folder",
            dsm,
            { ...inDsm, data: "/volume1/docker/smb/a" },
            none("cifs", "/volume1/docker/smb"),
        ],
        ["a volume that went read-only", dsm, { ...inDsm, data: "/volume8/docker/a" }, "mounted read-only"],
        ["a volume that is not mounted", dsm, { ...inDsm, data: "/volume3/docker/a" }, none("ext4", "/")],
        ["a locked folder", dsm, { ...inDsm, data: "/volume2/safe/a", encrypted: "/volume2/@safe@" }, locked],
    ])("of a Synology: not on %s", async (...row) => {
        const [, , { data }, reason] = row;
        const said = await answersTo("synology", row);
        expect(said).toContain(`nas-registry: dataDirectory: '${data}' is '${data}' on this NAS, which `);
        expect(said).toContain(reason);
    });

    test.each<[string, ...Row]>([
        ["qnap", "an external disk", qts, { shared: "/share/external/DEV3302_1" }, external],
        ["synology", "a USB disk", dsm, { shared: "/volumeUSB1/usbshare" }, external],
        ["synology", "an eSATA disk", dsm, { shared: "/volumeSATA1/satashare" }, external],
        ["synology", "a locked folder", dsm, { shared: "/volume1/safe", encrypted: "/volume1/@safe@" }, locked],
        ["synology", "a volume that went read-only", dsm, { shared: "/volume8/docker" }, "mounted read-only"],
    ])("of a %s: a shared folder on %s is refused, wherever the data is", async (vendor, ...row) => {
        const [title, mounts, place, reason] = row;
        for (const data of ["", vendor === "qnap" ? "/share/CACHEDEV1_DATA/a/b" : "/volume1/a/b"]) {
            const said = await answersTo(vendor, [title, mounts, { ...place, data }, reason]);
            expect(said).toContain(
                `nas-registry: sharedFolder: 'images' is '${place.shared}/registry-data' on this NAS`,
            );
            expect(said).toContain(reason);
        }
    });

    test.each(["qnap", "synology"])("of a %s: a shared folder that is not there is refused", async (vendor) => {
        expect(await answersTo(vendor, ["", vendor === "qnap" ? qts : dsm, {}, ""])).toBe(
            "nas-registry: sharedFolder: there is no shared folder 'images' on this NAS: create it in the Control Panel, mount or unlock it, or set sharedFolder to one that exists.",
        );
    });

    test.each<Row>([
        [
            "the system's disk",
            debian,
            { data: "/srv/registry-data" },
            "/srv/registry-data /var/lib/nas-registry/registry",
        ],
        ["a USB disk", debian, { data: "/mnt/usb/data" }, "/mnt/usb/data /var/lib/nas-registry/registry"],
        ["a stick with FAT", debian, { data: "/media/stick/data" }, none("vfat", "/media/stick")],
        ["a disk that went read-only", debian, { data: "/srv/my disk/data" }, "mounted read-only"],
    ])("of a Linux host: %s", async (...row) => {
        expect(await answersTo("linux", row)).toContain(row[3]);
    });

    test.each<[string, number, [number, number], string]>([
        ["that only its owner can write in, who is root", 0o755, [0, 0], ""],
        ["of root's group", 0o775, [0, 0], ""],
        ["where everybody can make what only its maker can rename", 0o1777, [0, 0], ""],
        ["that everybody can write in, as Unraid's are", 0o777, [65_534, 100], "@users everybody nobody"],
        ["that a group can write in", 0o2770, [0, 100], "@users"],
        ["of somebody who is not root", 0o755, [2, 2], "bin"],
    ])(
        "of a Linux host: who can write in a directory %s is said, and found by a check",
        async (_name, mode, owner, who) => {
            const pool = host.path("pool");
            const said = async (verb: string) => {
                const mounts = `${debian}/dev/sde1 ${pool} ext4 rw 0 0\n`;
                return (await probe("linux", mounts, { data: `${pool}/made by us/data` }, verb)).stdout;
            };
            fs.mkdirSync(pool);
            const before = await said("apply");
            expect(before).toContain("\nshareWriters=\n");
            fs.chownSync(pool, ...owner);
            fs.chmodSync(pool, mode);
            const names = [...who.split(" ")].filter(Boolean).map((each) => `${each} `);
            const found = findingsIn(before, { code: 0, stdout: await said("check"), stderr: "" });
            expect(found).toEqual(who ? [`shareWriters is '${names.join("")}' now, and was ''`] : []);
        },
    );

    test("a mount over another one counts", async () => {
        const over = `${qts}tmpfs /share/CACHEDEV1_DATA tmpfs rw 0 0\n`;
        expect(await answersTo("qnap", ["", over, onFirst, ""])).toContain(none("tmpfs", "/share/CACHEDEV1_DATA"));
    });

    test("of a QNAP only volumes, and where its packages are, may be open to all", async () => {
        const { stdout } = await probe("qnap", qts, onFirst);
        expect(/^vendorGround=(.*)$/m.exec(stdout)?.[1]?.trim().split(" ")).toEqual([
            "/share",
            "/share/CACHEDEV1_DATA",
            "/share/CACHEDEV1_DATA/.qpkg",
            "/share/CACHEDEV3_DATA",
            "/share/CACHEDEV3_DATA/.qpkg",
            "/share/CE_CACHEDEV2_DATA",
            "/share/CE_CACHEDEV2_DATA/.qpkg",
        ]);
    });
});
