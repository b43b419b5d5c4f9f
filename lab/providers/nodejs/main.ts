/**
 * A LanguageRuntime for Pulumi's engine that runs Node.js programs and component plugins: what `pulumi-language-nodejs`
 * does for `up`, `preview`, `refresh`, `destroy` and `package`, for machines that cannot download it.
 *
 * The newest official host that the Go module proxy has is years older than the CLI, and its monitor proxy does not know
 * the engine's error hooks. This one hands the engine's own address to the program.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { EventEmitter } from "node:events";
import type { Readable } from "node:stream";

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
    const { typescript, nodeargs } = info?.getOptions()?.toJavaScript() ?? {};
    const child = spawn(
        process.execPath,
        [
            ...(typeof nodeargs === "string" ? nodeargs.split(" ") : []),
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
                PULUMI_NODEJS_TYPESCRIPT: String(typescript !== false),
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

/** Passes on what a child process prints, as it comes, and its end; the engine's loss of interest ends the process. */
function stream<Request, Response>(
    call: grpc.ServerWritableStream<Request, Response>,
    child: ChildProcessByStdio<null, Readable, Readable>,
    messages: { stdout: (data: Buffer) => Response; stderr: (data: Buffer) => Response },
    ended: (code: number) => void,
): void {
    child.stdout.on("data", (data: Buffer) => call.write(messages.stdout(data)));
    child.stderr.on("data", (data: Buffer) => call.write(messages.stderr(data)));
    child.on("error", ({ message }) => fail(call, message));
    child.on("close", (code) => ended(code ?? 1));
    call.on("cancelled", () => child.kill());
}

function fail(call: EventEmitter, details: string): void {
    call.emit("error", { code: grpc.status.UNKNOWN, details });
}

/** Serves the components that a package exports, or, for the kind analyzer, runs a policy pack. */
function runPlugin(call: grpc.ServerWritableStream<messages.RunPluginRequest, messages.RunPluginResponse>): void {
    const { request } = call;
    const program = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    const given = request.getEnvList().map((line): [string, string] => {
        const [name = "", ...value] = line.split("=");
        return [name, value.join("=")];
    });
    const isPack = request.getKind() === "analyzer";
    const runner = require.resolve(`@pulumi/pulumi/cmd/${isPack ? "run-policy-pack" : "run-plugin"}`, {
        paths: [program],
    });
    const args = isPack ? [...request.getArgsList(), program] : [program, ...request.getArgsList()];
    const child = spawn(process.execPath, [runner, ...args], {
        cwd: request.getPwd(),
        stdio: ["ignore", "pipe", "pipe"],
        // A pack is compiled beforehand: compiling it took longer than the preview.
        env: { ...process.env, ...Object.fromEntries(given), ...(!isPack && { PULUMI_NODEJS_TYPESCRIPT: "true" }) },
    });
    const response = {
        stdout: (data: Buffer) => new messages.RunPluginResponse().setStdout(data),
        stderr: (data: Buffer) => new messages.RunPluginResponse().setStderr(data),
    };
    stream(call, child, response, (code) => {
        call.write(new messages.RunPluginResponse().setExitcode(code));
        call.end();
    });
}

/** Installs a plugin's dependencies unless they are there, so that this needs no network. */
function installDependencies(
    call: grpc.ServerWritableStream<messages.InstallDependenciesRequest, messages.InstallDependenciesResponse>,
): void {
    const directory = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
    if (isInstalled(directory)) {
        call.end();
        return;
    }
    const production = call.request.getIsPlugin() ? ["--omit=dev"] : [];
    const child = spawn("npm", ["install", "--loglevel=error", ...production], {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
    });
    const response = {
        stdout: (data: Buffer) => new messages.InstallDependenciesResponse().setStdout(data),
        stderr: (data: Buffer) => new messages.InstallDependenciesResponse().setStderr(data),
    };
    stream(call, child, response, (code) => {
        if (code === 0) {
            call.end();
        } else {
            fail(call, `npm install in ${directory} ended with ${code}`);
        }
    });
}

function isInstalled(directory: string): boolean {
    try {
        require.resolve("@pulumi/pulumi", { paths: [directory] });
        return true;
    } catch {
        return false;
    }
}

// An engine that is killed does not tell its language host, which would stay for ever.
const engine = process.ppid;
setInterval(() => {
    if (process.ppid !== engine) {
        process.exit();
    }
}, 2000).unref();

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
    installDependencies,
    cancel: unary(() => new Empty()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
        throw error;
    }
    // The engine reads the port from the first line.
    console.log(port);
});
