import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";

let engineAddress: string | undefined;
let client: EngineClient | undefined;

/** The engine that hears from now on. */
export function connectLog(address: string): void {
    engineAddress = address;
    client?.close();
    client = undefined;
}

export type Severity = "INFO" | "WARNING" | "ERROR";

/** Shows a line in the output of `pulumi`, under the resource; `ephemeral` ones only while it is being worked on. */
export async function log(severity: Severity, urn: string, message: string, ephemeral = false): Promise<void> {
    if (!engineAddress) {
        return;
    }
    // Loaded here because most runs log nothing and a plugin's start is on everybody's way.
    const grpc = await import("@grpc/grpc-js");
    const { EngineClient } = await import("@pulumi/pulumi/proto/engine_grpc_pb");
    const { LogRequest, LogSeverity } = await import("@pulumi/pulumi/proto/engine_pb");
    client ??= new EngineClient(engineAddress, grpc.credentials.createInsecure());
    const request = new LogRequest()
        .setSeverity(LogSeverity[severity])
        .setUrn(urn)
        .setMessage(message)
        .setEphemeral(ephemeral);
    // A log line that is lost must not fail the resource.
    await new Promise<void>((resolve) => client?.log(request, () => resolve()));
}
