import * as grpc from "@grpc/grpc-js";
import { connectLog } from "./log";
import type { Provider } from "./provider";
import { createServer } from "./server";

/** Serves the provider as a Pulumi plugin: the port on stdout, then calls until the engine ends the process. */
export function main(provider: Provider): void {
    const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
    if (engineAddress) {
        connectLog(engineAddress);
    }
    endWithParent();
    serve(provider).then(
        (port) => console.log(String(port)),
        (error: unknown) => {
            console.error((error as Error).message);
            process.exit(1);
        },
    );
}

/** Serves the provider on a port of its own. */
export function serve(provider: Provider): Promise<number> {
    const server = createServer(provider);
    return new Promise((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
            error ? reject(error) : resolve(port),
        ),
    );
}

/** An engine that dies does not tell its plugins: without this they would stay for ever. */
export function endWithParent(): void {
    const parent = process.ppid;
    setInterval(() => {
        if (process.ppid !== parent) {
            process.exit(0);
        }
    }, 2000).unref();
}
