import * as fs from "node:fs";
import * as path from "node:path";

import { run, which } from "./process";
import { step } from "./steps";

export const repositoryRoot = path.join(__dirname, "..");
/** What is built here is kept here; git ignores it. */
export const toolchainDirectory = path.join(repositoryRoot, ".toolchain");
export const binDirectory = path.join(toolchainDirectory, "bin");

/** A program built from a pinned Go module when it is not there. */
interface GoProgram {
    name: string;
    /** Folder beside this file with go.mod and go.sum. */
    module: string;
    package: string;
    /** File in the module's folder that is built, when it is one of this repository. */
    source?: string;
    ldflags: string;
    /** Build tags, when it has any. */
    tags?: string;
    /** What it is, for the step's line. */
    title: string;
}

export const cliVersion = "v3.259.0";
export const composeVersion = "v2.40.3";
const programs = {
    registry: {
        name: "registry",
        module: "registry",
        package: "github.com/distribution/distribution/v3/cmd/registry",
        ldflags: "-s -w -X github.com/distribution/distribution/v3/version.version=v3.1.2",
        title: "registry 3.1.2, built from its Go module",
    },
    registrySchema: {
        name: "registry-schema",
        module: "registry",
        package: "./schema",
        source: "schema/main.go",
        ldflags: "-s -w",
        title: "JSON Schema of the registry's configuration, built from its Go module",
    },
    registryLoad: {
        name: "registry-load",
        module: "registry-load",
        package: ".",
        source: "main.go",
        ldflags: "-s -w",
        title: "what clients send to a registry, for benchmarks",
    },
    readers: {
        name: "config-readers",
        module: "readers",
        package: ".",
        source: "main.go",
        ldflags: "-s -w",
        title: "readers of Docker's, k3s', BuildKit's and Podman's files, built from their own Go modules",
    },
    prometheusRules: {
        name: "prometheus-rules",
        module: "prometheus",
        package: ".",
        source: "main.go",
        ldflags: "-s -w",
        title: "Prometheus' parsers of alert rules, built from their Go module (about 25 seconds on two cores)",
    },
    objectStore: {
        name: "versitygw",
        module: "s3",
        package: "github.com/versity/versitygw/cmd/versitygw",
        ldflags: "-s -w -X main.Version=v1.8.0",
        title: "versitygw 1.8.0, an S3 server for tests, built from its Go module (about 90 seconds on two cores)",
    },
    restic: {
        name: "restic",
        module: "restic",
        package: "github.com/restic/restic/cmd/restic",
        ldflags: "-s -w",
        // As in its releases: Google's client without gRPC.
        tags: "disable_grpc_modules",
        title: "restic 0.19.1, built from its Go module (about 90 seconds on two cores)",
    },
    regctl: regclient("regctl"),
    regsync: regclient("regsync"),
    restServer: {
        name: "rest-server",
        module: "rest-server",
        package: "github.com/restic/rest-server/cmd/rest-server",
        ldflags: "-s -w",
        title: "rest-server 0.14.0, a server for restic's backups, built from its Go module (about 40 seconds on two cores)",
    },
    compose: {
        name: "docker-compose",
        module: "compose",
        package: "github.com/docker/compose/v2/cmd",
        ldflags: `-s -w -X github.com/docker/compose/v2/internal.Version=${composeVersion}`,
        title: `Docker Compose ${composeVersion}, built from its Go module (about two minutes on two cores)`,
    },
    delayedLink: {
        name: "delayed-link",
        module: "delayed-link",
        package: ".",
        source: "main.go",
        ldflags: "-s -w",
        title: "a network link with a delay",
    },
    cli: {
        name: "pulumi",
        module: "cli",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${cliVersion}`,
        title: `Pulumi CLI ${cliVersion}, built from its Go module (about five minutes on two cores)`,
    },
} satisfies Record<string, GoProgram>;

function regclient(name: "regctl" | "regsync"): GoProgram {
    return {
        name,
        module: "regclient",
        package: `github.com/regclient/regclient/cmd/${name}`,
        ldflags: "-s -w -X github.com/regclient/regclient/internal/version.vcsTag=v0.11.7",
        title: `${name} 0.11.7, built from its Go module (about 25 seconds on two cores)`,
    };
}

/** Path of the `registry` program; built when it is not there. */
export function ensureRegistry(): Promise<string> {
    return built(programs.registry);
}

/** Path of the program that prints the schema of the registry's configuration; built when it is not there. */
export function ensureRegistrySchema(): Promise<string> {
    return built(programs.registrySchema);
}

/** Path of the program that pushes and pulls as Docker does, and measures it; built by the first benchmark that needs it. */
export function ensureRegistryLoad(): Promise<string> {
    return built(programs.registryLoad);
}

/** Path of the program that reads files as the programs do that they are for; built by the first test that needs it. */
export function ensureReaders(): Promise<string> {
    return built(programs.readers);
}

/** Path of the program that reads alert rules as Prometheus does; built by the first test that needs it. */
export function ensurePrometheusRules(): Promise<string> {
    return built(programs.prometheusRules);
}

/** Path of the S3 server for the lab's object stores; built by the first test that needs it. */
export function ensureObjectStore(): Promise<string> {
    return built(programs.objectStore);
}

/** Path of restic, which makes backups; built by the first test that needs it. */
export function ensureRestic(): Promise<string> {
    return built(programs.restic);
}

/** Path of regctl, which deletes tags and copies images; built by the first test that needs it. */
export function ensureRegctl(): Promise<string> {
    return built(programs.regctl);
}

/** Path of regsync, which replicates registries; built by the first test that needs it. */
export function ensureRegsync(): Promise<string> {
    return built(programs.regsync);
}

/** Path of restic's own server, for backups over HTTP; built by the first test that needs it. */
export function ensureRestServer(): Promise<string> {
    return built(programs.restServer);
}

/** Path of Docker Compose, with which benchmarks compare; built by the first that needs it. */
export function ensureCompose(): Promise<string> {
    return built(programs.compose);
}

/** Path of the program that joins two network interfaces with a delay; built by the first benchmark that needs it. */
export function ensureDelayedLink(): Promise<string> {
    return built(programs.delayedLink);
}

/** Path of the Pulumi CLI; built when it is not there. */
export function ensureCli(): Promise<string> {
    return built(programs.cli);
}

/** The sources of the registry, in Go's module cache. */
export async function registrySources(): Promise<string> {
    const list = ["list", "-m", "-f", "{{.Dir}}", "github.com/distribution/distribution/v3"];
    return (await run("go", list, { cwd: path.join(__dirname, programs.registry.module) })).trim();
}

/** Path of the program; built again when its pinned versions change. */
async function built(program: GoProgram): Promise<string> {
    const file = path.join(binDirectory, program.name);
    const moduleDirectory = path.join(__dirname, program.module);
    const inputs = ["go.sum", ...(program.source ? [program.source] : [])];
    const pins =
        inputs.map((input) => fs.readFileSync(path.join(moduleDirectory, input), "utf8")).join("") +
        program.ldflags +
        (program.tags ?? "");
    const stamp = `${file}.pins`;
    if (fs.existsSync(file) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === pins) {
        return file;
    }
    if (!which("go")) {
        throw new Error(
            `Go is needed to build ${program.name}: install Go, or Pulumi's CLI (https://www.pulumi.com/docs/install)`,
        );
    }
    fs.mkdirSync(binDirectory, { recursive: true });
    await step(program.title, async () => {
        const flags = ["-trimpath", "-ldflags", program.ldflags, "-tags", program.tags ?? ""];
        // Static, so that the registry runs in an image that has no C library.
        await run("go", ["build", ...flags, "-o", file, program.package], {
            cwd: moduleDirectory,
            // A fifth of the compiler's time is its garbage collection, for memory that is there.
            env: { GOGC: "400", ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" },
        });
    });
    fs.writeFileSync(stamp, pins);
    return file;
}
