import { capture } from "./session";

/** What `pulumi stack export` prints; secrets, which `--show-secrets` puts into it, come through a pipe and are on no disk. */
export async function exported(stack: string | undefined, ...flags: "--show-secrets"[]): Promise<string> {
    const args = ["stack", "export", ...flags, "--non-interactive", ...(stack ? ["--stack", stack] : [])];
    const { code, stdout, stderr } = await capture("pulumi", args);
    if (code !== 0) {
        throw new Error(`'pulumi ${args.join(" ")}' failed: ${stderr.trim().replace(/^error: /, "")}`);
    }
    return stdout;
}
