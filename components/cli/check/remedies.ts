import { shellQuote } from "../../nas/script";

/** What mends a finding: commands for a shell in the project's folder. */
export interface Remedies {
    /** Runs every script of the stack again. */
    reapply: string;
    /** The same, and makes anew what is gone or stopped of the containers, and the one with this URN in any case. */
    container(urn: string | undefined): string;
    /** A plain update. */
    up: string;
    /** Makes one resource anew; not for remote scripts, whose old resource would take back what the new one did. */
    replace(urn: string): string;
}

/** @param now Makes the argument's new text another one than all before. */
export function remedies(stack: string, now: Date): Remedies {
    const on = `--stack ${/^[\w./-]+$/.test(stack) ? stack : shellQuote(stack)}`;
    const up = `pulumi up ${on}`;
    const configure = `pulumi config set --path nas-registry:registry.reapply ${now.toISOString().slice(0, 19)} ${on}`;
    return {
        reapply: `${configure} && ${up}`,
        container: (urn) =>
            `${configure} && pulumi refresh --run-program ${on} && ${up}${urn === undefined ? "" : replacing(urn)}`,
        up,
        replace: (urn) => `${up} --replace ${shellQuote(urn)}`,
    };
}

/** A pattern, since the refresh takes a container that is gone out of the state, and a URN that is not there is an error. */
function replacing(urn: string): string {
    const [, , ...typeAndName] = urn.split("::");
    return ` --replace ${shellQuote(["**", ...typeAndName].join("::"))}`;
}
