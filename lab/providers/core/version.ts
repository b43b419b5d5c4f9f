/**
 * The plugin version the engine will ask for: the one the SDK's own package.json names. Another version would be
 * another plugin to the engine, so it is never written down here.
 */
export function sdkVersion(name: string): string {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a path that is not known when compiling
    const manifest = require(`@pulumi/${name}/package.json`) as {
        version: string;
        pulumi?: { version?: string };
    };
    return manifest.pulumi?.version ?? manifest.version;
}
