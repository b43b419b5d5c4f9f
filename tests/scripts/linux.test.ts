import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { CommandResult } from "../../toolchain/process";
import { ScriptHost, shells } from "./shells";

const debian = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "proc/mounts": [
        "/dev/sda1 / ext4 rw 0 0",
        "/dev/sdb1 /srv ext4 rw 0 0",
        "/dev/sdc1 /srv/my\\040disk xfs rw 0 0",
        "/dev/sdd1 /media/stick vfat rw 0 0",
        "//server/share /mnt/share cifs rw 0 0",
        "tmpfs /run tmpfs rw 0 0",
        "",
    ].join("\n"),
};
const trueNas = {
    "etc/version": "25.04.2\n",
    "usr/bin/midclt": "",
    "proc/mounts":
        "boot-pool/ROOT/25.04.2 / zfs rw 0 0\ntank /mnt/tank zfs rw 0 0\ntank/apps /mnt/tank/apps zfs rw 0 0\n",
};
const unraid = {
    "etc/unraid-version": 'version="7.0.1"\n',
    "proc/mounts": [
        "rootfs / rootfs rw 0 0",
        "/dev/nvme0n1p1 /mnt/cache btrfs rw 0 0",
        "shfs /mnt/user fuse.shfs rw 0 0",
        "/dev/loop2 /var/lib/docker btrfs rw 0 0",
        "",
    ].join("\n"),
};

describe.each(shells)("a Linux host in %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => {
        host = new ScriptHost(shell);
        fs.mkdirSync(host.path("root/bin"), { recursive: true });
        for (const tool of ["awk", "basename", "cat", "readlink", "sed", "sh", "tr"]) {
            fs.symlinkSync(path.join("/usr/bin", tool), host.path("root/bin", tool));
        }
    });
    afterEach(() => host.remove());

    const put = (name: string, content: string) => {
        const file = host.path("root", name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content, { mode: 0o755 });
        return file;
    };
    /** A command that prints how it was called. */
    const command = (name: string, body = "") => put(name, `#!/bin/sh\necho "$(basename "$0") $*"\n${body}\n`);

    const answers = (files: Record<string, string>, ...paths: string[]): Promise<CommandResult> => {
        Object.entries(files).forEach(([name, content]) => put(name, content));
        const values = { root: host.path("root"), programs: host.path("root/bin"), paths: paths.join(" ") };
        return host.run(["nas/linux/linux.sh", "../tests/scripts/linux/answers.sh"], values, "apply");
    };

    test("tells what it is, and keeps a registry's files below /var/lib", async () => {
        const docker = command("bin/docker");
        command("etc/init.d/docker");
        const { code, stdout } = await answers(debian, "/srv/registry-data", "/home/anna/images");
        expect(code).toBe(0);
        expect(stdout.trim().split("\n")).toEqual([
            "firmware=Debian GNU/Linux 12 (bookworm)",
            `docker=${docker}`,
            "daemonConfig=/etc/docker/daemon.json",
            "folder=/srv",
            "start=start it with '/etc/init.d/docker start'",
            "/srv/registry-data is on '/srv', its registry in '/var/lib/nas-registry', and it stays",
            "/home/anna/images is on '/', its registry in '/var/lib/nas-registry', and it stays",
            "docker restart",
        ]);
    });

    test("has no data on what knows no owners, or is gone after a restart", async () => {
        command("bin/docker");
        command("etc/init.d/docker");
        const { stdout } = await answers(debian, "/media/stick/data", "/mnt/share/data", "/run/data");
        expect(stdout.match(/is on ''/g)).toHaveLength(3);
        const overlaid = { ...debian, "proc/mounts": "overlayroot / overlay rw,lowerdir=/media/root-ro 0 0\n" };
        expect((await answers(overlaid, "/srv/data")).stdout).toContain("/srv/data is on '',");
    });

    test("restarts Docker by systemd where that runs", async () => {
        command("bin/docker");
        command("etc/init.d/docker");
        command("bin/systemctl");
        const { code, stdout } = await answers({ ...debian, "run/systemd/system/.keep": "" });
        expect(code).toBe(0);
        expect(stdout).toMatch(/\nstart=start it with 'systemctl start docker'\n[^]*\nsystemctl restart docker\n$/);
    });

    test("says how to start a Docker that systemd has stopped", async () => {
        command("bin/docker");
        command("bin/systemctl", "exit 3");
        expect(await answers({ ...debian, "run/systemd/system/.keep": "" })).toMatchObject({
            code: 1,
            stderr: "nas-registry: Docker Engine is installed but not running on this NAS: start it with 'systemctl start docker', and run 'up' again.\n",
        });
    });

    test("has the daemon's file where the running daemon was told", async () => {
        command("bin/docker");
        command("etc/init.d/docker");
        const told = {
            ...debian,
            "var/run/docker.pid": "7",
            "proc/7/cmdline": "dockerd\0--config-file\0/opt/d.json\0",
        };
        expect((await answers(told)).stdout).toContain("\ndaemonConfig=/opt/d.json\n");
    });

    test("without Docker, or with Docker as a snap, is refused", async () => {
        const { stderr } = await answers(debian);
        expect(stderr).toContain("nas-registry: Docker Engine is not installed on this NAS: install it");
        fs.symlinkSync(put("usr/bin/snap", ""), host.path("root/bin/docker"));
        expect((await answers(debian)).stderr).toContain(
            "nas-registry: Docker on this NAS is a snap, which cannot mount",
        );
    });

    test("that is a TrueNAS has its data and a registry's files on a pool, and says what is lost when", async () => {
        command("bin/docker");
        command("etc/init.d/docker");
        const { stdout } = await answers(trueNas, "/mnt/tank/apps/registry", "/srv/registry");
        expect(stdout).toContain("firmware=TrueNAS 25.04.2\n");
        expect(stdout).toContain("warning=TrueNAS writes the Docker daemon's file anew whenever it starts Docker");
        expect(stdout).toContain(
            "/mnt/tank/apps/registry is on '/mnt/tank/apps', its registry in '/mnt/tank/.nas-registry', and it stays\n",
        );
        expect(stdout).toContain("/srv/registry is on '',");
    });

    test("that is an Unraid has its data on a disk or pool, and a registry's files in Docker's image", async () => {
        command("bin/docker");
        command("etc/rc.d/rc.docker");
        const { stdout } = await answers(unraid, "/mnt/cache/registry", "/mnt/user/registry", "/etc/docker/certs.d");
        expect(stdout).toContain("firmware=Unraid 7.0.1\n");
        expect(stdout).toContain("start=enable it in Settings > Docker\n");
        expect(stdout).toContain("warning=Unraid has /etc in memory");
        expect(stdout).toContain(
            "/mnt/cache/registry is on '/mnt/cache', its registry in '/var/lib/docker/.nas-registry', and it stays\n",
        );
        expect(stdout).toContain("/mnt/user/registry is on '',");
        expect(stdout).toContain(
            "/etc/docker/certs.d is on '', its registry in '/var/lib/docker/.nas-registry', and it goes\n",
        );
        expect(stdout).toMatch(/\nrc\.docker restart\n$/);
    });

    test("that is an OpenMediaVault is one by its own name", async () => {
        command("bin/docker");
        command("etc/init.d/docker");
        const files = { ...debian, "etc/openmediavault/config.xml": "<config/>" };
        const { stdout } = await answers(files, "/srv/dev-disk-by-uuid-1/registry");
        expect(stdout).toContain("firmware=OpenMediaVault on Debian GNU/Linux 12 (bookworm)\n");
        expect(stdout).toContain("is on '/srv', its registry in '/var/lib/nas-registry'");
    });
});
