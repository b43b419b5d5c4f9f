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
    createServer(provider).bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            console.error(error.message);
            process.exit(1);
        }
        console.log(String(port));
    });
    endWithParent();
}

/** An engine that dies does not tell its plugins: without this they would stay for ever. */
function endWithParent(): void {
    const parent = process.ppid;
    setInterval(() => {
        if (process.ppid !== parent) {
            process.exit(0);
        }
    }, 2000).unref();
}
