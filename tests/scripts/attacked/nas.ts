import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { renderScript, shellQuote } from "../../../components/nas/script";
import { capture, type CommandResult } from "../../../toolchain/process";
import { raceScript } from "../../attacker/race";
import { contents, dataScripts, RegistryFiles, scripts, type Values } from "../registryFiles";
import { ScriptHost, type ScriptAction } from "../shells";
import { makeOutside, walk } from "./outside";
import { hardLinks, planting, type Outside, type Tree } from "./trees";

/** Who prepares something for root, with uid and gid: a person who may write in the shared folder, or a registry gone bad. */
const attackers = { mallory: "1027:100", "the registry's user": "91600:91600" };
export type Attacker = keyof typeof attackers;
/** In every file that apply writes. */
const secret = "of-root-and-the-registry-alone";

/** A NAS' directories on this machine, and somebody who does what they can in its shared folder. */
export class AttackedNas {
    private readonly host: ScriptHost;
    private readonly files: RegistryFiles;
    private readonly server = net.createServer();
    readonly outside: Outside;

    private constructor(private readonly shell: string[]) {
        // A FIFO holds up a reader for ever: whatever is left after that time is ended with all it started.
        this.host = new ScriptHost(["timeout", "-s", "KILL", "20", ...shell]);
        fs.chmodSync(this.host.directory, 0o755);
        this.files = new RegistryFiles(this.host);
        this.outside = makeOutside(this.host.path("outside"));
        const served = this.host.path("served");
        this.files.engine(`ps*owner*name=*) [ ! -s ${served} ] || echo 1234 ;;
inspect*/var/lib/registry*) cat ${served} ;;
inspect*/etc/distribution*) echo ${this.files.control}/registry ;;`);
    }

    static async open(shell: string[]): Promise<AttackedNas> {
        if (process.getuid?.() !== 0) {
            throw new Error(
                "These tests are about what another user prepares for root, so they need root: run them as root.",
            );
        }
        const nas = new AttackedNas(shell);
        await new Promise<void>((resolve) => nas.server.listen(nas.host.path("socket"), resolve));
        return nas;
    }

    close(): void {
        this.server.close();
        this.host.remove();
    }

    /** An empty shared folder in which everybody may write, and no registry. */
    clear(): void {
        fs.rmSync(this.host.path("volume"), { recursive: true });
        fs.rmSync(this.host.path("served"), { force: true });
        fs.mkdirSync(this.files.share, { recursive: true });
        fs.chmodSync(this.files.share, 0o777);
    }

    /** A container serves from the data directory from now on. */
    serve(): void {
        fs.writeFileSync(this.host.path("served"), this.files.data);
    }

    /** Makes these things in the shared folder, where the names are free or can be made free by renaming what has them. */
    async plant(tree: Record<string, Tree>, by: Attacker): Promise<void> {
        await this.plantIn(this.files.share, tree, by);
    }

    /** The same in the data directory that is there, which only its owner can. */
    async plantInData(tree: Record<string, Tree>): Promise<void> {
        await this.plantIn(this.files.data, tree, "the registry's user");
    }

    private async plantIn(folder: string, tree: Record<string, Tree>, by: Attacker): Promise<void> {
        const [uid = "", gid = ""] = attackers[by].split(":");
        const socket = this.host.path("socket");
        fs.chownSync(socket, Number(uid), Number(gid));
        const names = Object.keys(tree).map(shellQuote).join(" ");
        const renaming = `cd ${folder}; for name in ${names}; do [ ! -e "./$name" ] || mv -- "./$name" "./stolen-$name"; done\n`;
        const { code, stderr } = await capture("setpriv", [
            ...[`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"],
            ...["sh", "-ec", renaming + planting(tree, folder, socket)],
        ]);
        if (code !== 0) {
            throw new Error(`${by} could not: ${stderr}`);
        }
        for (const [at, of] of hardLinks(tree, folder)) {
            fs.linkSync(of, at);
        }
    }

    /** What root does. */
    apply = (): Promise<CommandResult> => this.run("apply");
    check = (): Promise<CommandResult> => this.run("check");
    revert = (): Promise<CommandResult> => this.run("revert");
    move = (): Promise<CommandResult> => this.run("apply", this.moving);
    /** The owner of the NAS says that the directory of the record is not coming back. */
    giveUp = (): Promise<CommandResult> => {
        const record = path.join(this.files.control, "data-record");
        const known = fs.existsSync(record) ? this.files.recorded("id") : "";
        return this.run("apply", { lost_data_directory: known.slice(0, 8) });
    };
    /** The owner of the NAS says that what mallory made is to be the registry's. */
    takeOver = (): Promise<CommandResult> =>
        this.host.run([...dataScripts, "nas/takeOver.sh"], {
            ...this.values,
            take_over_from: attackers.mallory,
        });

    private run(action: ScriptAction, changed: Values = {}): Promise<CommandResult> {
        return this.host.run(scripts, { ...this.values, ...changed }, action);
    }

    private get moving(): Values {
        return { data_directory: path.join(this.files.share, "moved"), data_directory_change: "move" };
    }

    private get values(): Values {
        return {
            ...this.files.values,
            ...contents({
                "registry/config.yml": `version: 0.1 # ${secret}\n`,
                "registry/private-key.pem": `${secret}\n`,
                "redis/redis.conf": `# ${secret}\n`,
            }),
        };
    }

    /** What rounds of root's work say while mallory races them, and what mallory could read. */
    async race(rounds: number): Promise<{ said: string[]; loot: string }> {
        this.clear();
        const loot = this.host.path("loot");
        fs.writeFileSync(loot, "");
        fs.chmodSync(loot, 0o666);
        const script = (changed: Values = {}) => renderScript({ ...this.values, ...changed }, "nas/lib.sh", ...scripts);
        const input = raceScript({
            rounds,
            shell: this.shell.join(" "),
            scripts: { apply: script(), move: script(this.moving) },
            share: this.files.share,
            control: this.files.control,
            racer: attackers.mallory,
            outside: path.join(this.host.path("outside"), "home"),
            loot,
        });
        const { stdout, stderr } = await capture("sh", [], { input });
        return { said: (stdout + stderr).trim().split("\n"), loot: fs.readFileSync(loot, "utf8") };
    }

    /** All that is outside: paths, modes, owners, times and contents. */
    snapshot(): string[] {
        return walk(this.host.path("outside"));
    }

    /** Files of ours in the shared folder, where others can get at them. */
    leaked(): string[] {
        return walk(this.files.share).filter((line) => line.includes(secret));
    }
}
