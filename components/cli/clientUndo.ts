import { asClientKind, renderClientUndo } from "../clients/clientSetup";
import { authority } from "../settings/is";

/** Prints the script that takes back a client's setup. */
export function run([registry = "", ...others]: string[]): number {
    if (!authority.isRight(registry)) {
        throw new Error(
            `'${registry}' is not allowed as the registry; give ${authority.allowed}, as in an image's name.`,
        );
    }
    process.stdout.write(renderClientUndo(registry, asClientKind(others.join(" "))));
    return 0;
}
