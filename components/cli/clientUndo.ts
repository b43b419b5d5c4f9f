import { clientKinds, renderClientUndo } from "../clients/clientSetup";
import { authority } from "../settings/is";

/** Prints the script that takes back a client's setup. */
export function run([registry = "", ...others]: string[]): number {
    if (!authority.isRight(registry)) {
        throw new Error(
            `'${registry}' is not allowed as the registry; give ${authority.allowed}, as in an image's name.`,
        );
    }
    const given = others.join(" ");
    const kind = clientKinds.find((each) => each === given);
    if (!kind) {
        throw new Error(`'${given}' is not allowed as the kind of client; give one of ${clientKinds.join(", ")}.`);
    }
    process.stdout.write(renderClientUndo(registry, kind));
    return 0;
}
