import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas, NasOptions } from "../../lab";
import type { Arguments } from "../../lab/workspace";
import { check, engineFiles, eventually, identity, must, RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;

beforeAll(async () => {
    setting = await Setting.open("every-form");
    client = await setting.client("laptop");
});
afterAll(() => setting.close());

interface Form {
    /** The daemon's configuration. */
    file: string;
    data: string;
    args?: Arguments;
}

const qnap = (volume: string): Form => ({
    file: `/share/${volume}/.qpkg/container-station/etc/docker.json`,
    data: `/share/${volume}/Container/registry-data`,
});

const linux: Form = {
    file: "/etc/docker/daemon.json",
    data: "/srv/registry-data",
    args: { hostName: "homeserver.local" },
};

/** The forms in which NASes come, each with all that this package can do to the NAS itself. */
describe.each<[string, NasOptions, Form]>([
    [
        "DSM 6.2 with the package Docker",
        { vendor: "synology", dsm: "6.2", engine: "20.10" },
        {
            file: "/var/packages/Docker/etc/dockerd.json",
            data: "/volume1/docker/registry-data",
            args: { registryList: true },
        },
    ],
    [
        "DSM 7.1 with its data on the second volume, behind DSM's web server",
        { vendor: "synology", dsm: "7.1", engine: "20.10", volume: "volume2", hostNames: ["registry.lan"] },
        {
            file: "/var/packages/Docker/etc/dockerd.json",
            data: "/volume2/docker/registry-data",
            args: { registryList: true, tls: "reverse-proxy", hostName: "registry.lan", certificateNames: [] },
        },
    ],
    [
        "DSM 7.2 and an administrator with sudo -n, its daemon reading /etc/docker",
        {
            vendor: "synology",
            dsm: "7.2",
            engine: "26.1",
            certificates: "etc",
            login: { user: "anna", sudo: "nopasswd" },
        },
        {
            file: "/var/packages/ContainerManager/etc/dockerd.json",
            data: "/volume1/docker/registry-data",
            args: { registryList: true },
        },
    ],
    ["QTS with Container Station on the first volume", { vendor: "qnap", engine: "28.5" }, qnap("CACHEDEV1_DATA")],
    [
        "QTS with Container Station on the third",
        { vendor: "qnap", engine: "26.1", volume: "CACHEDEV3_DATA" },
        qnap("CACHEDEV3_DATA"),
    ],
    ["Debian", { vendor: "linux", engine: "28.5-containerd" }, linux],
    [
        "Debian and a user with sudo -n",
        { vendor: "linux", engine: "28.5", name: "homeserver", login: { user: "anna", sudo: "nopasswd" } },
        linux,
    ],
    ["QuTS hero", { vendor: "qnap", engine: "28.5-containerd", volume: "ZFS530_DATA" }, qnap("ZFS530_DATA")],
])("%s", (_, options, { file, data, args }) => {
    const asked = ["nas.example:5000", "10.99.0.0/16"];
    let nas: Nas;
    let stack: string;
    let untouched: string;
    let registry: RegistryView;

    beforeAll(async () => {
        const daemonConfig = { insecureRegistries: asked, registryMirrors: ["https://mirror.example"] };
        nas = await setting.nas(
            { ...options, foreignContainer: "photos" },
            { ...args, daemonTrust: true, daemonConfig },
        );
        stack = nas.name;
        untouched = await traces(nas, file);
    });
    afterAll(() => nas.remove());

    test("a preview says that containers may restart, and touches nothing", async () => {
        const { stdout, stderr } = await setting.workspace.operate(stack, "preview");
        expect(stdout + stderr).toContain("every container on the NAS, unless its configuration means already");
        expect(await traces(nas, file)).toBe(untouched);
    });

    test("up puts a registry there that serves, as the user to whom its images belong", async () => {
        await setting.workspace.operate(stack, "up");
        registry = new RegistryView(client, await setting.workspace.outputs(stack));
        await registry.push("app:1");
        expect(await must(nas.exec(`ls ${data}`))).toBe("docker\n");
        const owner = (await must(nas.exec(`ls -ldn ${data} | awk '{ print $3 ":" $4 }'`))).trim();
        expect((await nas.docker("inspect", "--format", "{{.Config.User}}", "registry")).trim()).toBe(owner);
    });

    test("the NAS's daemon has the settings, and other people's containers run again", async () => {
        const info = JSON.parse(await nas.docker("info", "--format", "{{json .RegistryConfig}}")) as {
            InsecureRegistryCIDRs: string[];
            IndexConfigs: Record<string, { Secure: boolean }>;
            Mirrors: string[];
        };
        expect(info.IndexConfigs["nas.example:5000"]).toMatchObject({ Secure: false });
        expect(info.InsecureRegistryCIDRs).toContain("10.99.0.0/16");
        expect(info.Mirrors).toContain("https://mirror.example/");
        await runs(nas, "photos");
    });

    test("the NAS pulls from its own registry", async () => {
        const image = `${registry.name}/app:1`;
        const script = `set -e
            docker() { /usr/lib/nas-registry-lab/engine/docker --config /tmp/login "$@"; }
            docker login ${registry.name} --username admin --password-stdin
            docker pull -q ${image}
            docker rmi ${image}
            rm -r /tmp/login`;
        expect(await must(nas.exec(script, { input: registry.outputs.password }))).toContain(`Untagged: ${image}`);
    });

    test("a second up, and a look at the daemon that finds all as it should be, change and restart nothing", async () => {
        const before = [await identity(nas, "photos"), await identity(nas, "registry"), await traces(nas, file)];
        expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
        await setting.workspace.configure(stack, "registry.reapply", "look again");
        await setting.workspace.operate(stack, "up");
        const after = [await identity(nas, "photos"), await identity(nas, "registry"), await traces(nas, file)];
        expect(after).toEqual(before);
    });

    test("the check finds all as it was left, and what somebody changed", async () => {
        expect(await check(setting.workspace, stack)).toMatchObject({
            code: 0,
            stdout: expect.stringContaining("\nnothing found;") as string,
            stderr: "",
        });
        await must(nas.exec(`cp -p ${file} /run/as-it-was; sed -i s/nas.example:5000/another.example:5000/ ${file}`));
        const { code, stdout } = await check(setting.workspace, stack);
        await must(nas.exec(`cp -p /run/as-it-was ${file}`));
        expect(code).toBe(1);
        expect(stdout).toMatch(/finding .*'insecure-registries' in '\S+\.json' is not as this stack set it/);
    });

    test("destroy leaves the NAS as it was, and the images", async () => {
        await setting.workspace.operate(stack, "destroy", "--run-program");
        expect(await traces(nas, file)).toBe(untouched);
        expect(await must(nas.exec(`ls ${data}`))).toBe("docker\n");
        expect(
            await must(
                nas.exec(
                    "find /var/lib/nas-registry /volume*/@nas-registry /share/*/.nas-registry 2>/dev/null || true",
                ),
            ),
        ).toBe("");
        await runs(nas, "photos");
    });
});

/** What an update may change on a NAS outside of shared folders: names, modes and contents. */
function traces(nas: Nas, daemonFile: string): Promise<string> {
    const places = ["/etc/docker/", '$(dirname "$file")/', "/root", "/tmp", "$home/.ssh/"].join(" ");
    const dsm = "/usr/syno/etc /var/packages/*/etc/registries.json";
    return must(
        nas.exec(`file=${daemonFile}; home=$(grep "^${nas.user}:" /etc/passwd | cut -d: -f6)
            [ ! -x /usr/syno/bin/synowebapi ] ||
                /usr/syno/bin/synowebapi --exec api=SYNO.Docker.Registry method=get version=1 >/dev/null 2>&1
            ls -l "$file" | cut -c 1-10
            find ${places} ${dsm} -type f ! -name cert.conf ! -name "${engineFiles}" 2>/dev/null | sort | xargs cksum
            find ${places} -type d 2>/dev/null | sort`),
    );
}

const runs = (nas: Nas, container: string) =>
    eventually(
        60,
        async () => (await nas.docker("inspect", "--format", "{{.State.Status}}", container)).trim() === "running",
    );
