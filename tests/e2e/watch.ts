import type { Client } from "../../lab";
import { must, type RegistryView } from "./setting";

/** What a client met while it asked a registry again and again. */
export interface Watched {
    /** HTTP statuses; 0 is no answer at all. */
    statuses: Set<number>;
    /** The longest time between two answers of 200, in seconds. */
    gap: number;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/** Asks for a manifest until it is stopped, about ten times a second. */
export function watchManifest(client: Client, registry: RegistryView, image: string): { stop(): Promise<Watched> } {
    const [repository, tag] = image.split(":");
    const { url, username, password, caCertificate } = registry.outputs;
    const loop = `umask 077; cat >/tmp/watch.curl; touch /tmp/watching
        while [ -e /tmp/watching ]; do
            status=$(curl -s -o /dev/null --max-time 2 --config /tmp/watch.curl -w '%{http_code}' ${url}/v2/${repository}/manifests/${tag})
            echo "$(date +%s%3N) $status"
            sleep 0.05
        done`;
    const settings = `header = "Accept: ${MANIFEST}"\nuser = "${username}:${password}"\ncacert = /tmp/watch.crt\n`;
    const output = (async () => {
        await client.exec("cat >/tmp/watch.crt", { input: caCertificate });
        return must(client.exec(loop, { input: settings }));
    })();
    return {
        async stop() {
            await client.exec("while [ ! -e /tmp/watching ]; do sleep 0.1; done; rm /tmp/watching");
            return watched(await output);
        },
    };
}

function watched(output: string): Watched {
    const lines = output.trim().split("\n");
    const answers = lines
        .map((line) => line.split(" ").map(Number))
        .map(([time = 0, status = 0]) => ({ time, status }));
    const served = answers.filter(({ status }) => status === 200).map(({ time }) => time);
    const gaps = served.slice(1).map((time, index) => time - (served[index] ?? time));
    return { statuses: new Set(answers.map(({ status }) => status)), gap: Math.max(0, ...gaps) / 1000 };
}
