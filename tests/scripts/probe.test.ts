import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

describe.each(shells)("the probe in %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    /** @param left The vendor of machines that no other vendor's signs are on. */
    const probe = (vendor: string, verb: "apply" | "check" = "apply", left = "") => {
        const signs = (name: string) => `${name} ${host.path(name)} ${host.path(`${name}.conf`)}`;
        const known = [signs("synology"), signs("qnap"), left].filter(Boolean).join("\n");
        return host.run(["nas/synology/synology.sh", "nas/probe.sh"], { vendor, known_vendors: known }, verb);
    };
    const is = (name: string) => [name, `${name}.conf`].forEach((sign) => fs.writeFileSync(host.path(sign), ""));

    test("stops at a machine that is of no known vendor", async () => {
        fs.writeFileSync(host.path("qnap"), "one sign of two");
        expect(await probe("qnap")).toMatchObject({
            code: 1,
            stderr: "nas-registry: vendor: 'qnap' was given, but this machine is none of the NASes known here (synology qnap): check connection.host.\n",
        });
    });

    test.each(["", "linux"])("names the vendor when another one was given", async (left) => {
        is("qnap");
        expect(await probe("synology", "apply", left)).toMatchObject({
            code: 1,
            stderr: "nas-registry: vendor: 'synology' was given, but this NAS is a qnap: set vendor to 'qnap', or check connection.host.\n",
        });
    });

    test("takes what is left for the vendor that has no signs", async () => {
        const { stderr } = await probe("qnap", "apply", "linux");
        expect(stderr).toContain("this NAS is a linux: set vendor to 'linux'");
    });

    test.each([
        ["DSM 6.2.4-25556", "", ""],
        ["DSM 6.2.4-25556", "rsa", ""],
        [
            "DSM 6.2.4-25556",
            "ec",
            "nas-registry: certificate.privateKey: this NAS has DSM 6.2.4-25556, which imports certificates with RSA keys alone: give a certificate with an RSA key, or leave certificate out.\n",
        ],
        ["DSM 7.0.1-42218", "ec", ""],
    ])(
        "%s imports a certificate with a key of %s, or is told before anything is changed",
        async (firmware, key, stderr) => {
            const files = ["nas/synology/synology.sh", "../tests/scripts/synology/import.sh"];
            expect(await host.run(files, { firmware, imported_key: key }, "apply")).toMatchObject({ stderr });
        },
    );

    const socket = "unix:///var/run/docker.sock";
    const denied = "dial unix /var/run/docker.sock: connect: permission denied";
    const login = "WARNING: Error loading config file: open /home/anna/.docker/config.json: permission denied";
    test.each([
        ["18.09", `Got permission denied while trying to connect to the Docker daemon socket at ${socket}: ${denied}`],
        ["23", `permission denied while trying to connect to the Docker daemon socket at ${socket}: ${denied}`],
        [
            "27, with a login of root's",
            `${login}\npermission denied while trying to connect to the Docker daemon socket`,
        ],
        ["29", `permission denied while trying to connect to the docker API at ${socket}`],
    ])("tells somebody whom the engine refuses how to get rights: %s", async (_, words) => {
        expect(await whatAnnaIsTold(words)).toContain(
            "connection.user: anna may neither open the Docker socket nor use sudo without a password.",
        );
    });

    test.each([
        ["18.09", `Cannot connect to the Docker daemon at ${socket}. Is the docker daemon running?`],
        ["27, with a login of root's", `${login}\nCannot connect to the Docker daemon at ${socket}.`],
        ["29", `failed to connect to the docker API at ${socket}; check if the path is correct`],
    ])("tells everybody of an engine that does not run: %s", async (_, words) => {
        expect(await whatAnnaIsTold(words)).toContain(`the Docker Engine of docker does not answer (${words})`);
    });

    /** @param words What the docker command says, and ends with an error. */
    async function whatAnnaIsTold(words: string): Promise<string> {
        const { code, stderr } = await probeAsAnna(`echo "${words}" >&2; return 1`);
        expect(code).toBe(1);
        return stderr;
    }

    /** @param docker Text of a shell function. */
    function probeAsAnna(docker: string) {
        const before = `id() { case $1 in -un) echo anna ;; *) echo 1000 ;; esac; }
            sudo() { return 1; }; sleep() { :; }; docker() { ${docker}; }\n`;
        fs.mkdirSync(host.path("etc"));
        fs.writeFileSync(host.path("etc", "os-release"), "PRETTY_NAME=Debian\n");
        const values = { vendor: "linux", known_vendors: "linux", root: host.directory, imported_key: "" };
        const none = { container_name: "", shared_folder: "", data_directory: "" };
        const files = ["nas/linux/linux.sh", "nas/probe.sh"];
        return host.run(files, { ...values, ...none }, "apply", before);
    }

    describe("asks an engine what it can", () => {
        const abilities = ["CpuCfsQuota", "MemoryLimit", "SwapLimit", "PidsLimit"];
        const json = (version: string, can: unknown) =>
            JSON.stringify({
                ID: "x",
                ...Object.fromEntries(abilities.map((name) => [name, can])),
                Labels: ['"MemoryLimit":true'],
                ServerVersion: version,
            });
        /** An engine that answers `version`, is away for so many questions about what it can, and then can that. */
        const engine = (away: number, can: boolean, whileAway: string) => `
            case $1 in
            version) echo 24.0.2 1.43 ;;
            update) echo --pids-limit ;;
            info)
                echo >>${host.path("asked")}
                if [ $(wc -l <${host.path("asked")}) -le ${away} ]; then ${whileAway}
                elif [ "$3" = '{{json .}}' ]; then echo '${json("24.0.2", can)}'
                else echo ${can}; fi ;;
            esac`;
        const said = (stdout: string) =>
            ["cpuQuota", "memoryLimit", "swapLimit", "pidsLimit"].map(
                (name) => new RegExp(`^${name}=(.*)$`, "m").exec(stdout)?.[1],
            );
        // Of 28.1 and newer, and of 23.0 to 28.0.
        const isAway: [string, string][] = [
            ["fails", `echo "Cannot connect to the Docker daemon at ${socket}." >&2; return 1`],
            ["answers with zeros", `if [ "$3" = '{{json .}}' ]; then echo '${json("", false)}'; else echo false; fi`],
        ];

        test.each([true, false])("and believes it: %s", async (can) => {
            const { stdout } = await probeAsAnna(engine(0, can, ":"));
            expect(said(stdout)).toEqual(Array(4).fill(`${can}`));
        });

        test.each(isAway)("again when it is away for a moment, and its command %s", async (_, whileAway) => {
            const { code, stdout } = await probeAsAnna(engine(2, true, whileAway));
            expect({ code, can: said(stdout) }).toEqual({ code: 0, can: Array(4).fill("true") });
        });

        test.each(isAway)("and takes none that stays away for one that can nothing: %s", async (_, whileAway) => {
            const { code, stdout, stderr } = await probeAsAnna(engine(999, true, whileAway));
            expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
            expect(stderr).toContain("the Docker Engine of docker does not answer (");
        });
    });

    test("finds in a check what would stop an update", async () => {
        is("synology");
        expect(await probe("qnap", "check")).toMatchObject({
            code: 0,
            stdout: "vendor: 'qnap' was given, but this NAS is a synology: set vendor to 'synology', or check connection.host.\n",
        });
    });
});
