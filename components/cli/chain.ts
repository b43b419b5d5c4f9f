import { describeChain, fetchChain } from "../certificates/serverChain";

/** Shows the certificate chain of a running server. */
export async function run(args: string[]): Promise<number> {
    const [, bracketed, name, port = "443"] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(args.join(" ")) ?? [];
    const host = bracketed ?? name;
    if (!host || args.length !== 1 || Number(port) > 65535) {
        throw new Error(
            `'${args.join(" ")}' is not allowed; give one host:port, for instance diskstation.local:9160 or [fd00::1]:9160.`,
        );
    }
    process.stdout.write(describeChain(await fetchChain(host, Number(port))));
    return 0;
}
