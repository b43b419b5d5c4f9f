import { clientKinds, renderClientUndo } from "../clients/clientSetup";
import { authority } from "../settings/is";

/** Prints the script that takes back a client's setup. */
export function run([registry = "", kind = "", ...others]: string[]): number {
    if (!authority.isRight(registry)) {
        throw new Error(
            `'${registry}' is not allowed as the registry; give ${authority.allowed}, as in an image's name.`,
        );
    }
    const known = clientKinds.find((each) => each === kind);
    if (!known || others.length > 0) {
        const given = [kind, ...others].join(" ");
        throw new Error(`'${given}' is not allowed as the kind of client; give one of ${clientKinds.join(", ")}.`);
    }
    process.stdout.write(renderClientUndo(registry, known));
    return 0;
}
