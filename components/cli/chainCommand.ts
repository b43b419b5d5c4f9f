#!/usr/bin/env node
// `npx nas-registry-chain host:port`: shows the certificate chain of a running server.
import { describeChain, fetchChain } from "../certificates/serverChain";

async function main([address = "", ...others]: string[]): Promise<void> {
    const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(address) ?? [];
    const host = bracketed ?? name;
    if (!host || others.length > 0 || Number(port ?? 443) > 65535) {
        throw new Error(
            `'${[address, ...others].join(" ")}' is not allowed; give one host:port, for instance diskstation.local:9160 or [fd00::1]:9160.`,
        );
    }
    process.stdout.write(describeChain(await fetchChain(host, Number(port ?? 443))));
}

main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`nas-registry: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
