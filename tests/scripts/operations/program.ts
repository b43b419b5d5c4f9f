import * as fs from "node:fs";
import * as path from "node:path";

import { shellQuote, type ScriptValues } from "../../../components/nas/script";
import { alertValues } from "../../../components/operations/notifications/notifications";
import { scheduleValues } from "../../../components/operations/schedule/schedule";
import { statusValues } from "../../../components/operations/status/status";
import { ScriptHost } from "../shells";

const FILES = ["notifications/notifications.sh", "schedule/schedule.sh", "status/status.sh"];
/** What the registry's image has of busybox. */
const APPLETS = ["sh", "find", "stat", "awk", "df", "cat"];

/** The program of a registry's operations with a fake engine: what it runs in a container runs here, by busybox. */
export class Program {
    readonly host: ScriptHost;
    readonly control: string;
    readonly data: string;
    /** Shell text that changes how commands behave. */
    before = "";
    schedules: Record<string, string> = {};
    alerts: Parameters<typeof alertValues>[0] = {};

    constructor(shell: string[]) {
        this.host = new ScriptHost(shell);
        this.control = this.host.path("control");
        this.data = this.host.path("data");
        fs.mkdirSync(`${this.control}/operations/results`, { recursive: true, mode: 0o700 });
        fs.mkdirSync(this.data);
        fs.mkdirSync(this.host.path("bin"));
        for (const each of APPLETS) fs.symlinkSync("/usr/bin/busybox", this.host.path("bin", each));
    }

    /** @param files Scripts of operations, below `components/operations/`. */
    run(words: string[], files: string[] = [], values: ScriptValues = {}) {
        return this.host.run(...this.parts(files, values), words.join(" "), this.preamble());
    }

    /** Writes it as a file where `up` does; its path. */
    install(files: string[] = [], values: ScriptValues = {}): string {
        const [scripts, all] = this.parts(files, values);
        const at = `${this.control}/operations/run`;
        fs.writeFileSync(at, this.preamble() + this.host.text(scripts, all));
        return at;
    }

    /** A script with an operation of a test's own, for {@link run}. */
    own(text: string): string {
        const at = path.join(fs.mkdtempSync(this.host.path("own-")), "own.sh");
        fs.writeFileSync(at, `${text}\n`);
        return path.relative(path.join(__dirname, "../../../components/operations"), at);
    }

    private preamble(): string {
        return `${this.engine()}${this.before}\n`;
    }

    private parts(files: string[], values: ScriptValues): [scripts: string[], values: ScriptValues] {
        const all = {
            ...{ docker: "engine", docker_env: "", sudo: "", privilege: "root", vendor_ground: "", owner: "0:0" },
            ...{ owner_label: "home/dev", component: "registry", container_name: "registry" },
            ...{ control_directory: this.control, data_directory: this.data, drain_seconds: 5, tool_limits: "" },
            ...{ cache_container: "", cache_socket: "" },
            ...scheduleValues(this.schedules),
            ...statusValues(this.schedules),
            ...alertValues(this.alerts),
            ...values,
        };
        return [[...FILES, ...files, "program.sh"].map((file) => `operations/${file}`), all];
    }

    write(name: string, text: string): void {
        fs.writeFileSync(`${this.control}/operations/${name}`, text);
    }

    read(name: string): string {
        return fs.readFileSync(`${this.control}/operations/${name}`, "utf8");
    }

    private engine(): string {
        return `
container_state="running healthy"
in_container() {
    case $1 in
    registry) echo "registry github.com/distribution/distribution/v3 v3.1.2" ;;
    redis-cli) cat >${shellQuote(this.host.path("asked"))}; printf 'OK\\r\\nkeyspace_hits:90\\r\\nkeyspace_misses:10\\r\\n' ;;
    *)
        echo "$*" >>${shellQuote(this.host.path("ran"))}
        for word in "$@"; do
            shift
            set -- "$@" "$(printf '%s' "$word" | sed 's|/var/lib/registry|${this.data}|g')"
        done
        PATH=${shellQuote(this.host.path("bin"))} "$@"
        ;;
    esac
}
engine() {
    case "$1 $*" in
    *s3cret*) echo "a secret is on a command line" >&2 && return 9 ;;
    "inspect "*Running*) case $container_state in running*) echo true ;; *) echo false ;; esac ;;
    "inspect "*) echo "state=$container_state" ;;
    "exec "*)
        shift
        if [ "$1" != --interactive ]; then
            shift && in_container "$@" </dev/null
        elif [ -p /proc/self/fd/0 ] || [ -s /proc/self/fd/0 ]; then
            shift 2 && in_container "$@"
        else
            echo "an engine may lose the end of this input, which is empty: $*" >&2
            return 125
        fi
        ;;
    esac
}
`;
    }
}
