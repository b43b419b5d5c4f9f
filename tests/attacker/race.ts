import * as fs from "node:fs";
import * as path from "node:path";

import { shellQuote } from "../../components/nas/script";

export interface Race {
    rounds: number;
    /** Command that reads the scripts. */
    shell: string;
    /** As root applies it, and with another data directory to which the images are moved. */
    scripts: Record<"apply" | "move", string>;
    share: string;
    control: string;
    /** Uid and gid of who races. */
    racer: string;
    /** A directory of somebody else's, with a file "inside" in it. */
    outside: string;
    /** A file of the racer's, to which goes what it could read. */
    loot: string;
}

/**
 * What root runs: rounds of an update, a move, a look or a removal, while somebody else is at work in the shared folder. It
 * prints one line for each: name, exit code (137 when it was held up for 20 s), and how its sentence begins.
 */
export function raceScript({ rounds, shell, scripts, share, control, racer, outside, loot }: Race): string {
    const [uid, gid] = racer.split(":");
    const program = fs.readFileSync(path.join(__dirname, "racer.pl"), "utf8");
    const file = (name: string, text: string) => `printf %s ${shellQuote(text)} >${name}\n`;
    return `set -u
umask 077
work=$(mktemp -d)
cd "$work"
${file("racer.pl", program)}${file("apply", scripts.apply)}${file("move", scripts.move)}
run() {
    timeout -s KILL 20 ${shell} -s "$2" <"$1" >/dev/null 2>said
    echo "$1 $2 $? $(head -n 1 said | cut -c 1-100)"
}

setsid setpriv --reuid=${uid} --regid=${gid} --clear-groups perl - ${share} ${outside} ${loot} <racer.pl >/dev/null 2>&1 &
racer=$!
round=0
while [ "$round" -lt ${rounds} ]; do
    round=$((round + 1))
    run apply apply
    case $((round % 4)) in
    1) run move apply ;;
    2) run apply check ;;
    3) run apply revert ;;
    esac
    # Clean again, with nobody in the way.
    kill -STOP "-$racer"
    rm -rf ${share}/* ${share}/.[!.]* ${control}
    kill -CONT "-$racer"
done
kill -CONT "-$racer"
kill -KILL "-$racer"
rm -rf ${share}/* ${share}/.[!.]* ${control}
cd /
rm -r "$work"
`;
}
