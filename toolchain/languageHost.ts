/**
 * A LanguageRuntime for Pulumi's engine that runs Node.js programs: what `pulumi-language-nodejs` does for `up`, `preview`,
 * `refresh` and `destroy`, and for policy packs, on machines that cannot download it.
 *
 * The newest official host that the Go module proxy has is years older than the CLI, and its monitor proxy does not know
 * the engine's error hooks. This one hands the engine's own address to the program.
 */
import { spawn } from "node:child_process";

import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** Exit code with which the SDK says that it has shown the error already. */
const ALREADY_SHOWN = 32;

const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));

function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
    return (call: grpc.ServerUnaryCall<Request, Response>, callback: grpc.sendUnaryData<Response>) => {
        Promise.resolve(call.request)
            .then(answer)
            .then(
                (response) => callback(null, response),
                (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: (error as Error).message }),
            );
    };
}

/** Runs the program and waits for its end; its output is the host's own, which the engine shows. */
function run(request: messages.RunRequest): Promise<messages.RunResponse> {
    const info = request.getInfo();
    const options: Record<string, string> = {
        monitor: request.getMonitorAddress(),
        engine: engineAddress ?? "",
        organization: request.getOrganization(),
        project: request.getProject(),
        stack: request.getStack(),
        pwd: request.getPwd(),
        "root-directory": info?.getRootDirectory() ?? "",
        parallel: String(request.getParallel()),
    };
    const program = info?.getProgramDirectory() ?? request.getPwd();
    const child = spawn(
        process.execPath,
        [
            require.resolve("@pulumi/pulumi/cmd/run", { paths: [program] }),
            ...Object.entries(options).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
            ...(request.getDryrun() ? ["--dry-run"] : []),
            info?.getEntryPoint() ?? ".",
            ...request.getArgsList(),
        ],
        {
            stdio: ["ignore", "inherit", "inherit"],
            env: {
                ...process.env,
                PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
                PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
            },
        },
    );
    return new Promise((resolve) => {
        child.on("error", (error) => resolve(new messages.RunResponse().setError(error.message)));
        child.on("close", (code) => {
            const response = new messages.RunResponse();
            if (code === ALREADY_SHOWN) {
                response.setBail(true);
            } else if (code !== 0) {
                response.setError(`Program exited with non-zero exit code: ${code}`);
            }
            resolve(response);
        });
    });
}

/** Runs a policy pack until the engine has no more use for it; what it prints, the port first, goes to the engine. */
function runPlugin(call: grpc.ServerWritableStream<messages.RunPluginRequest, messages.RunPluginResponse>): void {
    const request = call.request;
    if (request.getKind() !== "analyzer") {
        call.destroy(new Error(`a plugin of kind ${request.getKind()} cannot be run`));
        return;
    }
    const program = request.getInfo()?.getProgramDirectory() ?? request.getProgram();
    const child = spawn(
        process.execPath,
        [
            require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [program] }),
            ...request.getArgsList(),
            program,
        ],
        {
            cwd: request.getPwd(),
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, ...Object.fromEntries(request.getEnvList().map(splitVariable)) },
        },
    );
    child.stdout.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStdout(data)));
    child.stderr.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStderr(data)));
    child.on("error", (error) => call.destroy(error));
    child.on("close", (code) => {
        call.write(new messages.RunPluginResponse().setExitcode(code ?? 1));
        call.end();
    });
    call.on("cancelled", () => child.kill());
}

function splitVariable(assignment: string): [string, string] {
    const equals = assignment.indexOf("=");
    return [assignment.slice(0, equals), assignment.slice(equals + 1)];
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
    handshake: unary(() => new messages.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new PluginInfo()),
    // The SDK tells the engine each provider's version when it registers a resource.
    getRequiredPlugins: unary(() => new messages.GetRequiredPluginsResponse()),
    getRequiredPackages: unary(() => new messages.GetRequiredPackagesResponse()),
    getProgramDependencies: unary(() => new messages.GetProgramDependenciesResponse()),
    about: unary(() => new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    run: unary(run),
    runPlugin,
    cancel: unary(() => new Empty()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
        throw error;
    }
    // The engine reads the port from the first line.
    console.log(port);
});
