/**
 * Loaded before Pulumi's SDK (`nodeargs` in Pulumi.yaml). At each start the SDK loads the TypeScript compiler and npm's resolver, with
 * which it turns functions of a program into text; this program has none for it. Each is loaded here when something is asked of it:
 * that is a fifth of an `up` with nothing to do.
 */
import Module from "node:module";
import * as path from "node:path";

function later(file: string): void {
    const placeholder = new Module(file);
    let exports: object | undefined;
    const load = (): object => {
        if (exports === undefined) {
            // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- so that it is really loaded
            delete require.cache[file];
            exports = placeholder.require(file) as object;
        }
        return exports;
    };
    placeholder.loaded = true;
    placeholder.exports = new Proxy(
        {},
        // TypeScript's `import *` copies everything from a module that does not say this.
        { get: (_, name) => name === "__esModule" || (Reflect.get(load(), name) as unknown) },
    );
    require.cache[file] = placeholder;
}

try {
    const sdk = path.dirname(require.resolve("@pulumi/pulumi"));
    const resolve = (name: string) => require.resolve(name, { paths: [sdk] });
    ["@pulumi/pulumi/typescript-shim", "@npmcli/arborist"].map(resolve).forEach(later);
} catch {
    // Another SDK has others, and loads them as it does.
}
