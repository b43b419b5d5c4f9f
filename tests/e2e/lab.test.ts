import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderScript } from "../../components/nas/script";
import { vendors } from "../../components/nas/vendors";
import { ensureLab, type Lab, type Nas } from "../../lab";
import { labImages } from "../../lab/content";
import { createNetwork } from "../../lab/network";
import { ensureToolchain } from "../../toolchain";
import { capture, type CommandResult } from "../../toolchain/process";

// The lab is what it says: each test holds a fact about Synology or QNAP against a simulated one.

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lab-test-"));
let lab: Lab;
let synology: Nas;
let qnap: Nas;

/** ssh or sftp with a pinned host key, as the product does it. */
function ssh(nas: Nas, command: string[], program = "ssh", user = nas.user): Promise<CommandResult> {
    const knownHosts = path.join(scratch, `known_hosts_${nas.name}`);
    fs.writeFileSync(knownHosts, `[${nas.address}]:${nas.sshPort} ${nas.hostKey}\n`);
    const options = ["BatchMode=yes", "IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`, `Port=${nas.sshPort}`];
    return capture(program, [
        ...["-F", "/dev/null", "-i", nas.privateKeyFile, ...options.flatMap((option) => ["-o", option])],
        `${user}@${nas.address}`,
        ...command,
    ]);
}

beforeAll(async () => {
    const { registry } = await ensureToolchain();
    lab = await ensureLab({ registryBinary: registry, namespace: "lab-test", progress: (line) => console.log(line) });
    [synology, qnap] = await Promise.all([
        lab.startNas({ vendor: "synology", foreignContainer: "foreign" }),
        lab.startNas({ vendor: "qnap" }),
    ]);
});

afterAll(async () => {
    await lab.down();
    fs.rmSync(scratch, { recursive: true, force: true });
});

it("is on a network whose addresses no engine inside needs for its own", async () => {
    const { docker } = lab.engine;
    const name = "nas-registry-lab-lab-test-elsewhere";
    // Most of what an engine chooses from.
    await createNetwork(docker, "lab-test", name, "172.16.0.0/12");
    expect(await docker.run(["network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", name])).not.toMatch(
        /^172\.(1[6-9]|2\d|3[01])\./,
    );
    expect(await docker.lines(["network", "ls", "--quiet", "--filter", `name=${name}`])).toHaveLength(1);
    await docker.run(["network", "rm", name]);
});

describe.each(["synology", "qnap"] as const)("%s", (vendor) => {
    const nas = (): Nas => (vendor === "synology" ? synology : qnap);
    const docker = {
        synology: "/usr/local/bin/docker",
        qnap: "/share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker",
    }[vendor];

    it("admits the key over SSH, under the pinned host key, as number 0", async () => {
        expect(await ssh(nas(), ["id", "-u"])).toMatchObject({ code: 0, stdout: "0\n" });
    });

    it("has no docker on the PATH of a command", async () => {
        expect((await ssh(nas(), ["docker", "version"])).code).toBe(127);
    });

    it("has docker at the vendor's path", async () => {
        expect(await ssh(nas(), [docker, "version", "--format", "{{.Server.Os}}"])).toMatchObject({
            stdout: "linux\n",
        });
    });

    it("has a person who is no administrator, has no rights but those of everybody, and may write in the shared folder", async () => {
        const { stdout } = await nas().exec(
            `id -u; id -g; grep CapEff /proc/self/status; cat /etc/shadow 2>&1 | tail -n 1
            mkdir ${nas().sharedFolder}/mine && mv ${nas().sharedFolder}/mine ${nas().sharedFolder}/own && rmdir ${nas().sharedFolder}/own && echo wrote`,
            { user: "mallory" },
        );
        const uid = { synology: "1027", qnap: "1001" }[vendor];
        expect(stdout).toBe(`${uid}\n100\nCapEff:\t0000000000000000\ncat: /etc/shadow: Permission denied\nwrote\n`);
        expect((await nas().exec("id -u mallory; grep -c mallory /etc/group")).stdout).toBe(`${uid}\n0\n`);
    });

    it("takes the shared folder away and puts it back as it was", async () => {
        const folder = nas().sharedFolder;
        await nas().exec(`echo kept >${folder}/kept`);
        await nas().unmountShare();
        expect((await nas().exec(`ls -d ${folder}`)).code).not.toBe(0);
        await nas().mountShare();
        await nas().unmountShare({ leavesDirectory: true });
        expect((await nas().exec(`ls ${folder}`)).stdout).toBe("");
        await nas().mountShare();
        expect((await nas().exec(`cat ${folder}/kept; rm ${folder}/kept`)).stdout).toBe("kept\n");
    });

    it("refuses SFTP", async () => {
        const { code, stderr } = await ssh(nas(), [], "sftp");
        expect(code).not.toBe(0);
        expect(stderr).toContain("subsystem request failed");
    });

    it("counts accepted logins only", async () => {
        const before = await nas().sshLogins();
        await ssh(nas(), ["true"]);
        await ssh(nas(), ["true"], "ssh", "nobody");
        expect(await nas().sshLogins()).toBe(before + 1);
    });

    it("serves what a container publishes at its own address, and keeps restart=always through a restart", async () => {
        await nas().docker("pull", "--quiet", labImages.image); // through the mirror
        await nas().docker("run", "--detach", "--restart", "always", "--publish", "5100:5000", labImages.image);
        const catalog = (): Promise<string> => fetchText(`http://${nas().address}:5100/v2/_catalog`);
        expect(JSON.parse(await catalog())).toEqual({ repositories: [] });
        await nas().stop();
        await nas().start();
        expect(JSON.parse(await catalog())).toEqual({ repositories: [] });
    });
});

describe("synology", () => {
    it("has the foreign container it was asked for", async () => {
        expect(await synology.docker("inspect", "--format", "{{.State.Running}}", "foreign")).toBe("true");
    });

    it("refuses a bind source that does not exist, where Docker would make it", async () => {
        const create = synology.docker("create", "--volume", "/volume1/docker/missing:/data", "busybox:lab");
        await expect(create).rejects.toThrow("Bind mount failed: '/volume1/docker/missing' does not exists");
        await synology.exec("mkdir /volume1/docker/there");
        await synology.docker("create", "--volume", "/volume1/docker/there:/data", "busybox:lab");
    });

    it("says who may write to a shared folder", async () => {
        expect((await synology.exec("/usr/syno/sbin/synoshare --get docker")).stdout).toContain(
            "\t RW list ....[@administrators]\n",
        );
    });

    it("gives new files in a shared folder everyone's rights, until the ACL is taken away", async () => {
        const { stdout } = await synology.exec(`umask 077; cd /volume1/docker; mkdir acl; touch acl/inherited
            /usr/syno/bin/synoacltool -del acl; touch acl/plain; stat -c %a acl/inherited acl/plain`);
        expect(stdout).toBe("666\n600\n");
    });

    it("restarts the engine by unit and by package, and names the exit codes of DSM 7.2", async () => {
        const { stdout } = await synology.exec(`PATH=$PATH:/usr/syno/bin
            systemctl restart pkg-ContainerManager-dockerd && echo unit
            synopkg stop ContainerManager > /dev/null; ls /usr/local/bin; synopkg status ContainerManager; echo $?
            synopkg start ContainerManager > /dev/null; synopkg status ContainerManager > /dev/null; echo $?
            synopkg status Nothing 2> /dev/null; echo $?`);
        expect(stdout).toBe("unit\npackage ContainerManager is stopped\n17\n0\n255\n");
    });
});

describe("qnap", () => {
    it("keeps its volume and /etc/config through a reboot, and nothing else", async () => {
        await qnap.exec("touch /etc/gone /root/gone /share/gone /share/Container/kept /etc/config/kept");
        await qnap.reboot();
        const { stdout } = await qnap.exec(
            "ls -d /etc/gone /root/gone /share/gone /share/Container/kept /etc/config/kept",
        );
        expect(stdout).toBe("/etc/config/kept\n/share/Container/kept\n");
        expect((await ssh(qnap, ["true"])).code).toBe(0);
    });

    it("says who may write to a shared folder", async () => {
        expect((await qnap.exec("/sbin/getcfg Container 'write list' -f /etc/config/smb.conf")).stdout).toBe(
            '"admin",@"administrators"\n',
        );
    });

    it("finds its own tools where QTS has them, and none that QTS lacks", async () => {
        const { stdout } = await ssh(qnap, [
            `getcfg container-station Install_Path -f /etc/config/qpkg.conf; readlink -f /share/Container /etc/docker
             command -v jq python3 systemctl base64 getent`,
        ]);
        expect(stdout.split("\n")).toEqual([
            "/share/CACHEDEV1_DATA/.qpkg/container-station",
            "/share/CACHEDEV1_DATA/Container",
            "/share/CACHEDEV1_DATA/.qpkg/container-station/etc/docker",
            "",
        ]);
    });
});

describe("knobs", () => {
    it("synology: DSM 7.1 on volume2, no CPU quota, an administrator with sudo -n, keys in the daemon's file", async () => {
        const nas = await lab.startNas({
            vendor: "synology",
            name: "older",
            hostNames: ["older"],
            dsm: "7.1",
            volume: "volume2",
            cpuQuota: false,
            login: { user: "deploy", sudo: "nopasswd" },
            daemon: { dns: ["192.0.2.1"] },
            maxStartups: "10:50:100",
        });
        const sudo = "sudo -n /usr/local/bin/docker";
        expect((await ssh(nas, ["/usr/local/bin/docker ps"])).stderr).toContain("permission denied");
        expect((await ssh(nas, [`${sudo} info --format '{{.DockerRootDir}} {{.CPUCfsQuota}}'`])).stdout).toBe(
            "/volume2/@docker false\n",
        );
        await nas.docker("pull", "--quiet", "busybox:lab");
        expect((await ssh(nas, [`${sudo} run --rm --cpus 1 busybox:lab`])).stderr).toContain("NanoCPUs can not be set");
        expect((await ssh(nas, [`${sudo} run --rm --memory 64m busybox:lab echo limited`])).stdout).toBe("limited\n");
        expect((await nas.exec("cat /var/packages/Docker/etc/dockerd.json")).stdout).toContain('\n   "dns": [');
        expect((await nas.exec("sshd -T -f /etc/ssh/sshd_config")).stdout).toMatch(/^maxstartups 10:50:100$/im);
        await nas.remove();
    });

    it("synology: DSM 6.2, the package stopped, no shared folder, sudo asks for a password", async () => {
        const nas = await lab.startNas({
            vendor: "synology",
            name: "oldest",
            hostNames: ["oldest"],
            dsm: "6.2",
            package: "stopped",
            sharedFolder: false,
            login: { user: "deploy", sudo: "password", dockerSocket: true },
        });
        expect((await ssh(nas, ["sudo -n true"])).stderr).toContain("a password is required");
        expect((await nas.exec("/usr/syno/bin/synopkg status Docker")).code).toBe(3);
        expect((await nas.exec("/usr/syno/sbin/synoshare --get docker")).code).toBe(1);
        await nas.exec("/usr/syno/bin/synopkg start Docker && /usr/syno/sbin/synoservicectl --restart pkgctl-Docker");
        expect((await ssh(nas, ["/usr/local/bin/docker version -f {{.Server.Os}}"])).stdout).toBe("linux\n");
        await nas.remove();
    });

    it("qnap: other volume, no sudo, a socket that admits administrators, a wrapper that wants its HOME", async () => {
        const nas = await lab.startNas({
            vendor: "qnap",
            name: "hero",
            hostNames: ["hero"],
            volume: "ZFS530_DATA",
            login: { user: "deploy", sudo: "none" },
            foreignPorts: [5000],
        });
        const docker = "/share/ZFS530_DATA/.qpkg/container-station/bin/docker";
        const refused = await ssh(nas, [`HOME=/tmp ${docker} ps`]);
        expect(refused.stderr).toBe(
            "mkdir /share/ZFS530_DATA/.qpkg/container-station/homes/deploy: permission denied\n",
        );
        expect((await ssh(nas, [`DOCKER_CONFIG=/tmp/config ${docker} version -f {{.Server.Os}}`])).stdout).toBe(
            "linux\n",
        );
        expect((await ssh(nas, ["sudo -n true"])).code).not.toBe(0);
        expect((await ssh(nas, ["netstat -tln"])).stdout).toMatch(/:5000\s/);
        await nas.remove();
    });

    it("qnap: the package absent, a socket that refuses administrators", async () => {
        const [absent, closed] = await Promise.all([
            lab.startNas({ vendor: "qnap", name: "bare", hostNames: ["bare"], package: "absent" }),
            lab.startNas({
                vendor: "qnap",
                name: "closed",
                hostNames: ["closed"],
                login: { user: "deploy", sudo: "password", dockerSocket: false },
            }),
        ]);
        expect((await ssh(absent, ["getcfg container-station Install_Path -f /etc/config/qpkg.conf"])).code).toBe(1);
        const docker = "DOCKER_CONFIG=/tmp/config /share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker";
        expect((await ssh(closed, [`${docker} ps`])).stderr).toContain("permission denied");
        await Promise.all([absent.remove(), closed.remove()]);
    });
});

describe("the scheduler", () => {
    let linux: Nas;
    const nases = () => [synology, qnap, linux] as const;
    const must = async (nas: Nas, script: string, input?: string) => {
        const { code, stdout, stderr } = await nas.exec(script, { input });
        expect({ code, stderr }, nas.name).toEqual({ code: 0, stderr: "" });
        return stdout;
    };
    beforeAll(async () => {
        linux = await lab.startNas({ vendor: "linux" });
    });

    it("runs what the product schedules, as root, with the PATH that it has there", async () => {
        const program = "/usr/lib/scheduled";
        const said = ["id -u", 'echo "$1"', 'echo "$PATH"', "command -v docker", "exit 3"];
        for (const nas of nases()) {
            const scripts = ["lib.sh", "vendor.sh", `${nas.vendor}/${nas.vendor}.sh`].map((file) => `nas/${file}`);
            const values = { privilege: "root", vendor_ground: "", title: "nas-registry registry", program };
            const script = renderScript(
                values,
                ...[...scripts, ...vendors[nas.vendor].schedulerScripts, "../tests/scripts/schedule/verbs.sh"],
            );
            await must(nas, `cat >${program}`, said.join("\n"));
            for (const verb of ["apply", "apply", "check"]) {
                expect(await must(nas, `/bin/sh -s ${verb}`, script)).toBe("");
            }
            const path = {
                synology: "/sbin:/bin:/usr/sbin:/usr/bin:/usr/syno/sbin:/usr/syno/bin:/usr/local/sbin:/usr/local/bin",
                qnap: "/bin:/sbin:/usr/bin:/usr/sbin",
                linux: "/usr/bin:/bin",
            }[nas.vendor];
            const docker = { synology: "/usr/local/bin/docker\n", qnap: "", linux: "/usr/bin/docker\n" }[nas.vendor];
            const results = await nas.runScheduled();
            expect(results.filter(({ code }) => code !== 0)).toMatchObject([
                { code: 3, stdout: `0\ntick\n${path}\n${docker}`, stderr: "" },
            ]);
            await must(nas, "/bin/sh -s revert", script);
            expect((await nas.runScheduled()).filter(({ code }) => code !== 0)).toEqual([]);
        }
    });

    it("runs by itself what is due, and on DSM keeps what came of it", async () => {
        const schedule = {
            ...{ date_type: 0, week_day: "0,1,2,3,4,5,6", repeat_date: 1001, hour: 0, minute: 0, repeat_hour: 0 },
            ...{ repeat_min: 1, last_work_hour: 23 },
        };
        const ours = 'name=probe owner=root real_owner=root type=script enable=true extra=\'{"script":"echo probed"}\'';
        const entries = {
            synology: `/usr/syno/bin/synowebapi --exec api=SYNO.Core.TaskScheduler.Root version=4 method=create ${ours} schedule='${JSON.stringify(schedule)}' 2>/dev/null`,
            qnap: "echo '* * * * * echo probed >/tmp/ran' >>/etc/config/crontab && crontab /etc/config/crontab && /etc/init.d/crond.sh restart",
            linux: "echo '* * * * * root echo probed >/tmp/ran' >/etc/cron.d/probe && chmod 644 /etc/cron.d/probe",
        };
        const result = { synology: "/var/log/synoscheduler/*/output.log", qnap: "/tmp/ran", linux: "/tmp/ran" };
        await Promise.all(
            nases().map(async (nas) => {
                await must(nas, entries[nas.vendor]);
                const wait = `for _ in $(seq 150); do ! grep -qs probed ${result[nas.vendor]} || exit 0; sleep 1; done; exit 1`;
                await must(nas, wait);
            }),
        );
    });
});

describe("client", () => {
    it("starts with no image, and finds both NASes by name at addresses that are not loopback", async () => {
        const client = await lab.startClient({ name: "laptop" });
        expect(await client.docker("images", "--quiet")).toBe("");
        await client.loadImage("busybox:lab");
        expect(await client.docker("run", "--rm", "busybox:lab", "echo", "loaded")).toBe("loaded");
        for (const name of ["diskstation.local", "qnap.local"]) {
            const { stdout } = await client.exec(`getent ahostsv4 ${name} | cut -d' ' -f1 | sort -u`);
            expect(stdout).toMatch(/^(?!127\.)[\d.]+\n$/);
        }
    });
});

async function fetchText(url: string): Promise<string> {
    for (let tries = 0; ; tries++) {
        try {
            // A connection of before a restart would neither answer nor end.
            return await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
        } catch (error) {
            if (tries >= 50) throw error;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    }
}
