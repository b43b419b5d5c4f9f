import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { dataScripts, give, owner, RegistryFiles, scripts } from "./registryFiles";
import { ScriptHost, shells } from "./shells";

/** Another user of the NAS. */
const stranger = 1027;

describe.each(shells)("the data directory under %s", (shellName, shell) => {
    let host: ScriptHost;
    let nas: RegistryFiles;
    beforeEach(() => {
        host = new ScriptHost(shell);
        nas = new RegistryFiles(host);
    });
    afterEach(() => host.remove());

    const markFile = () => path.join(nas.data, ".nas-registry");
    const mark = () => fs.readFileSync(markFile(), "utf8");
    const away = () => host.path("away");
    /** The groups that take long have one shell each: attackTrees.test.ts takes these ways under all of them. */
    const under = (itsShell: string, title: string, tests: () => void) => {
        if (shellName === itsShell) {
            describe(title, tests);
        }
    };
    /** The name by which refusals call the registry's data directory. */
    const name = () => nas.recorded("id").slice(0, 8);

    test("is the registry's user's alone, and bears a mark that nobody else can read", async () => {
        await nas.run("apply");
        expect(fs.statSync(nas.data)).toMatchObject({ uid: owner });
        expect(fs.statSync(nas.data).mode & 0o7777).toBe(0o700);
        expect(mark()).toMatch(/^[0-9a-f]{32}$/);
        expect(fs.statSync(markFile()).mode & 0o777).toBe(0o440);
        expect(fs.readFileSync(path.join(nas.control, "registry", "data-mark"), "utf8")).toBe(mark());
    });

    test("is made with its parents, in which others see what is there", async () => {
        await nas.run("apply", { data_directory: path.join(nas.share, "a", "b") });
        expect(fs.statSync(path.join(nas.share, "a")).mode & 0o777).toBe(0o755);
        expect(fs.statSync(path.join(nas.share, "a", "b")).mode & 0o777).toBe(0o700);
    });

    test("may be outside of shared folders", async () => {
        await nas.run("apply", { data_directory: host.path("volume", "private", "registry-data") });
        expect(fs.statSync(host.path("volume", "private", "registry-data"))).toMatchObject({ uid: owner });
        expect(fs.readdirSync(nas.share)).toEqual([]);
    });

    test("stays as it is when all is applied again", async () => {
        await nas.run("apply");
        const before = fs.statSync(markFile());
        await nas.run("apply");
        expect(fs.statSync(markFile())).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    });

    test("with images of the same user, left by a registry that is gone, is used", async () => {
        const image = nas.images();
        await nas.run("apply");
        expect(fs.readFileSync(image, "utf8")).toBe("precious");
        expect(mark()).toBe(nas.recorded("id"));
    });

    test("is closed to others again", async () => {
        nas.images();
        fs.chmodSync(nas.data, 0o777);
        await nas.run("apply");
        expect(fs.statSync(nas.data).mode & 0o777).toBe(0o700);
    });

    test("that is another registry's is refused, unless that one is gone", async () => {
        await nas.run("apply");
        const second = { control_directory: host.path("volume", "@nas-registry", "second"), component: "second" };
        expect(await nas.refused(second)).toContain(`is marked as another registry's`);
        await nas.run("apply", { ...second, lost_data_directory: name() });
        expect(mark()).not.toBe(nas.recorded("id"));
    });

    under("dash", "of another owner", () => {
        const foreign = (uid: number, gid: number) => {
            nas.images();
            give(nas.data, uid, gid);
        };
        const takeOver = (from: string, changed = {}) =>
            host.run([...dataScripts, "nas/takeOver.sh"], {
                ...nas.values,
                take_over_from: from,
                ...changed,
            });
        const owners = () =>
            new Set(
                ["", ...fs.readdirSync(nas.data, { recursive: true, encoding: "utf8" })].map(
                    (each) => fs.lstatSync(path.join(nas.data, each)).uid,
                ),
            );

        test.each([
            ["root's", 0, 0],
            ["a person's", stranger, 100],
        ])("%s is refused, with what to set", async (__, uid, gid) => {
            foreign(uid, gid);
            expect(await nas.refused()).toContain(`set takeOverDataFrom to '${uid}:${gid}'`);
        });

        test("is given to the registry's user when that is said, setuid bits taken away", async () => {
            foreign(stranger, 100);
            fs.chmodSync(path.join(nas.data, "docker/registry/v2/blobs/image"), 0o4755);
            expect(await takeOver(`${stranger}:100`)).toEqual({ code: 0, stdout: "", stderr: "" });
            expect(owners()).toEqual(new Set([owner]));
            expect(fs.statSync(path.join(nas.data, "docker/registry/v2/blobs/image")).mode & 0o7777).toBe(0o700);
            await nas.run("apply");
        });

        test("stays when it is another one than was said", async () => {
            foreign(stranger, 100);
            const { code, stderr } = await takeOver("0:0");
            expect(code).toBe(1);
            expect(stderr).toContain(`belongs to ${stranger}:100 and not to 0:0: nothing was changed`);
            expect(owners()).toEqual(new Set([stranger]));
        });

        test.each([
            ["a link", (file: string) => fs.symlinkSync(host.path("system"), file)],
            ["a second name of a file", (file: string) => fs.linkSync(host.path("system"), file)],
        ])("is not given away with %s in it", async (__, put) => {
            foreign(stranger, 100);
            fs.writeFileSync(host.path("system"), "system");
            put(path.join(nas.data, "docker", "odd"));
            const { code, stderr } = await takeOver(`${stranger}:100`);
            expect(code).toBe(1);
            expect(stderr).toContain(`'${nas.data}/docker/odd' is a link, has a second name or is no file`);
            expect(fs.statSync(host.path("system")).uid).toBe(0);
            fs.rmSync(path.join(nas.data, "docker", "odd"));
            expect(await takeOver(`${stranger}:100`)).toMatchObject({ code: 0 });
            expect(owners()).toEqual(new Set([owner]));
        });

        test("that has taken the place of the registry's is not given away", async () => {
            await nas.run("apply");
            fs.renameSync(nas.data, away());
            foreign(stranger, 100);
            expect(await takeOver(`${stranger}:100`)).toMatchObject({ code: 0 });
            expect(owners()).toEqual(new Set([stranger]));
            expect(await nas.refused()).toContain("is not the directory that holds the images of this registry");
        });

        test("is given to another user when the registry gets one", async () => {
            await nas.run("apply");
            nas.images();
            const changed = { owner: "5000:5000" };
            expect(await nas.refused(changed)).toContain(`set takeOverDataFrom to '${owner}:${owner}'`);
            expect(await takeOver(`${owner}:${owner}`, changed)).toMatchObject({ code: 0 });
            await nas.run("apply", changed);
            expect(owners()).toEqual(new Set([5000]));
        });
    });

    describe("is refused before anything is changed", () => {
        test("when it is a link", async () => {
            fs.mkdirSync(host.path("elsewhere"), { mode: 0o700 });
            fs.symlinkSync(host.path("elsewhere"), nas.data);
            expect(await nas.refused()).toContain("a part of that path is a link");
        });

        test("when a parent is a link", async () => {
            fs.mkdirSync(host.path("elsewhere"));
            fs.symlinkSync(host.path("elsewhere"), path.join(nas.share, "a"));
            const { code } = await nas.script("apply", { data_directory: path.join(nas.share, "a", "b") });
            expect(code).toBe(1);
            expect(fs.readdirSync(host.path("elsewhere"))).toEqual([]);
        });

        test("when it is a file", async () => {
            fs.writeFileSync(nas.data, "");
            expect(await nas.refused()).toContain("or no directory");
        });
    });

    under("busybox ash", "is known again: refused before anything is changed", () => {
        beforeEach(async () => {
            await nas.run("apply");
            nas.images();
            await nas.run("apply");
        });

        const found = async () => {
            const { code, stdout, stderr } = await nas.script("check");
            expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
            return stdout.trim();
        };

        test("when its folder is not mounted", async () => {
            fs.renameSync(nas.share, away());
            fs.mkdirSync(nas.share);
            expect(await nas.refused()).toContain(
                `which holds the images of this registry, is not there: mount or unlock`,
            );
            expect(await found()).toContain("is not there");
            fs.rmdirSync(nas.share);
            expect(await nas.refused()).toContain("is not there");
            fs.renameSync(away(), nas.share);
            expect(await found()).toBe("");
            await nas.run("apply");
        });

        test("when it was emptied", async () => {
            for (const each of fs.readdirSync(nas.data)) {
                fs.rmSync(path.join(nas.data, each), { recursive: true });
            }
            expect(await nas.refused()).toContain("is empty, and not the directory");
            expect(await found()).toContain("is empty");
        });

        test("when another one took its place", async () => {
            fs.renameSync(nas.data, away());
            nas.images();
            expect(await nas.refused()).toContain("is not the directory that holds the images");
            expect(await found()).toContain("is not the directory that holds the images");
        });

        test("when a copy took its place", async () => {
            fs.cpSync(nas.data, away(), { recursive: true, preserveTimestamps: true });
            fs.rmSync(nas.data, { recursive: true });
            fs.renameSync(away(), nas.data);
            give(nas.data);
            expect(await nas.refused()).toContain("is a copy of the directory that holds the images");
            expect(await found()).toContain("is a copy");
        });

        test("when it went back to an older state", async () => {
            const files = fs.readdirSync(nas.data, { recursive: true, encoding: "utf8" });
            const before = files.map(
                (each) => [path.join(nas.data, each), fs.lstatSync(path.join(nas.data, each))] as const,
            );
            const ago = new Date(Date.now() - 3_600_000);
            before.forEach(([each]) => fs.lutimesSync(each, ago, ago));
            expect(await nas.refused()).toContain("is an older state of the directory");
            expect(await found()).toContain("is an older state");
            before.forEach(([each, { atime }]) => fs.lutimesSync(each, atime, new Date()));
            await nas.run("apply");
        });

        test("and accepted when the old one is said to be lost", async () => {
            fs.renameSync(nas.data, away());
            expect(await nas.refused()).toContain(`set lostDataDirectory to '${name()}'`);
            const lost = { lost_data_directory: name() };
            await nas.run("apply", lost);
            expect(fs.readdirSync(nas.data)).toEqual([".nas-registry"]);
            // It stood for that one directory, so it may stay.
            await nas.run("apply", lost);
            fs.renameSync(nas.data, host.path("away too"));
            expect(await nas.refused(lost)).toContain("is not there");
        });

        test("and nothing is written through a link in the place of a mark that is not finished", async () => {
            const system = host.path("passwd");
            fs.writeFileSync(system, "root");
            const lost = { lost_data_directory: name() };
            fs.rmSync(markFile());
            for (const end of ["new", "tmp", "XXXXXX"]) {
                fs.symlinkSync(system, `${markFile()}.${end}`);
            }
            await nas.run("apply", lost);
            expect(fs.readFileSync(system, "utf8")).toBe("root");
            expect(mark()).toBe(nas.recorded("id"));
        });

        test("also by a registry that gets another control directory", async () => {
            nas.engine(`ps*owner*) echo 1234 ;;\ninspect*/etc/distribution*) echo "${nas.control}/registry" ;;`);
            const renamed = { control_directory: host.path("volume", "@nas-registry", "renamed") };
            fs.renameSync(nas.data, away());
            expect(await nas.refused(renamed)).toContain("is not there");
            fs.renameSync(away(), nas.data);
            const id = nas.recorded("id");
            await nas.run("apply", renamed);
            await nas.run("revert");
            expect(mark()).toBe(id);
        });
    });

    under("bash as sh", "that becomes another one", () => {
        let image: string;
        beforeEach(async () => {
            await nas.run("apply");
            image = nas.images();
            await nas.run("apply");
        });
        const another = (...names: string[]) => ({ data_directory: path.join(nas.share, ...names) });
        const moved = (...names: string[]) => ({ ...another(...names), data_directory_change: "move" });
        const imageIn = (...names: string[]) =>
            fs.readFileSync(path.join(nas.share, ...names, path.relative(nas.data, image)), "utf8");

        test("is refused while the images are in the old one", async () => {
            expect(await nas.refused(another("new"))).toMatch(/the images are in '.*registry-data' and not in '.*new'/);
        });

        test("is refused, too, while the old one cannot be seen", async () => {
            fs.renameSync(nas.data, away());
            expect(await nas.refused(another("new"))).toMatch(/the images are in '.*registry-data' and not in '.*new'/);
            expect(await nas.refused(moved("new"))).toContain("is not there, or is not the directory that holds");
        });

        test.each([[["new"]], [["a", "b"]], [["a", "registry-data"]]])(
            "gets the images by a rename when asked to: %s",
            async (names) => {
                const { ino } = fs.statSync(nas.data);
                await nas.run("apply", moved(...names));
                expect(fs.statSync(path.join(nas.share, ...names)).ino).toBe(ino);
                expect(imageIn(...names)).toBe("precious");
                expect(fs.readdirSync(nas.share)).toEqual([names[0]]);
                await nas.run("apply", moved(...names));
            },
        );

        test.each(["registry-data", "new"])("goes on with a rename that was interrupted: %s", async (at) => {
            const stopover = path.join(nas.share, `.nas-registry-move-${nas.recorded("id")}`);
            fs.mkdirSync(stopover, { mode: 0o700 });
            fs.renameSync(nas.data, path.join(stopover, at));
            await nas.run("apply", moved("new"));
            expect(imageIn("new")).toBe("precious");
            expect(fs.readdirSync(nas.share)).toEqual(["new"]);
        });

        test.each(["old", "new"])(
            "does not go where a link leads that comes just before a step: its %s name",
            async (at) => {
                const [elsewhere, link] = [
                    host.path("elsewhere"),
                    path.join(nas.share, at === "new" ? "new" : "registry-data"),
                ];
                fs.mkdirSync(elsewhere);
                // The images have left their old name when the second of three renames begins.
                const race = `renames=0
                mv() {
                    case $* in
                    -*) ;;
                    *) [ $((renames += 1)) -lt ${at === "new" ? 3 : 2} ] || [ -h '${link}' ] || ln -s '${elsewhere}' '${link}' ;;
                    esac
                    command mv "$@"
                }
`;
                const values = { ...nas.values, ...moved("new") };
                const { code } = await host.run(scripts, values, "apply", race);
                expect(fs.readlinkSync(link)).toBe(elsewhere);
                expect(fs.readdirSync(elsewhere)).toEqual([]);
                fs.rmSync(link);
                expect(code).toBe(at === "new" ? 1 : 0);
                await nas.run("apply", moved("new"));
                expect(imageIn("new")).toBe("precious");
            },
        );

        test("is not moved to where something is", async () => {
            fs.mkdirSync(path.join(nas.share, "new"));
            expect(await nas.refused(moved("new"))).toContain("exists already");
        });

        test("leaves the images where they are when asked to", async () => {
            await nas.run("apply", { ...another("new"), data_directory_change: "leave" });
            expect(fs.readdirSync(path.join(nas.share, "new"))).toEqual([".nas-registry"]);
            expect(fs.readdirSync(nas.data)).toEqual(["docker"]);
            await nas.run("apply", { data_directory_change: "leave" });
            expect(imageIn("registry-data")).toBe("precious");
        });

        test("is taken when somebody has copied the images", async () => {
            fs.cpSync(nas.data, path.join(nas.share, "new"), { recursive: true });
            give(path.join(nas.share, "new"));
            await nas.run("apply", another("new"));
        });
    });
});
