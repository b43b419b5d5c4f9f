#!/usr/bin/env node
// `npx nas-registry-client-undo host:port kind`: prints the script that takes back a client's setup, of which no stack needs
// to be left.
import { AUTHORITY_RULE, isAuthority } from "../settings/checks";
import { clientKinds, renderClientUndo } from "../clients/clientSetup";

function main([registry = "", kind = "", ...others]: string[]): void {
    if (!isAuthority(registry)) {
        throw new Error(`'${registry}' is not allowed as the registry; give ${AUTHORITY_RULE}, as in an image's name.`);
    }
    const known = clientKinds.find((each) => each === kind);
    if (!known || others.length > 0) {
        throw new Error(
            `'${[kind, ...others].join(" ")}' is not allowed as the kind of client; give one of ${clientKinds.join(", ")}.`,
        );
    }
    process.stdout.write(renderClientUndo(registry, known));
}

try {
    main(process.argv.slice(2));
} catch (error) {
    process.stderr.write(`nas-registry: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
}
