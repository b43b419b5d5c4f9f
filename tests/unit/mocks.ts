import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

import { caCertificate } from "../publicAuthorities";

/** One resource as the engine would have been asked for it. */
export interface Registered {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
    /** Names of the inputs that arrived as secrets, wholly. */
    secretInputs: string[];
    options: {
        deleteBeforeReplace: boolean;
        replaceOnChanges: string[];
        /** Another value makes another resource. */
        replacementTrigger: unknown;
        ignoreChanges: string[];
        protect: boolean;
        retainOnDelete: boolean;
        /** URN of what takes it away with itself; "" for none. */
        deletedWith: string;
        /** URN of the parent; "" for the program itself. */
        parent: string;
        /** URNs, those that inputs are made of included. */
        dependencies: string[];
        /** Name and id of the provider; "" for the default one. */
        provider: string;
        /** Former names. */
        aliases: string[];
    };
}

/** The parts of a registration request that mocks do not show. */
interface RegisterRequest {
    getType(): string;
    getName(): string;
    getDeletebeforereplace(): boolean;
    getReplaceonchangesList(): string[];
    getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
    getIgnorechangesList(): string[];
    getProtect(): boolean;
    getRetainondelete(): boolean;
    getDeletedwith(): string;
    getParent(): string;
    getDependenciesList(): string[];
    getProvider(): string;
    getAliasesList(): { getSpec(): { getName(): string } | undefined }[];
}

/** What providers answer, by type. */
export const defaults: Record<string, Record<string, unknown>> = {
    "tls:index/privateKey:PrivateKey": {
        publicKeyOpenssh: "ssh-ed25519 AAAApublic\n",
        privateKeyOpenssh: pulumi.secret("PRIVATE SSH KEY"),
        privateKeyPem: pulumi.secret("PRIVATE KEY PEM"),
    },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: caCertificate },
    "tls:index/certRequest:CertRequest": { certRequestPem: "REQUEST" },
    "tls:index/locallySignedCert:LocallySignedCert": { certPem: "SERVER CERTIFICATE\n" },
    "random:index/randomPassword:RandomPassword": { result: pulumi.secret("generated-password") },
    "random:index/randomBytes:RandomBytes": {
        hex: pulumi.secret("ab".repeat(32)),
        base64: pulumi.secret(Buffer.from("0123456789abcdef").toString("base64")),
    },
};

/** Output of the probe on a NAS that can do everything. */
export const capableNas = `firmware=DSM 7.2.2-72806
package=ContainerManager
docker=/usr/local/bin/docker
dockerEnv=
daemonConfig=/var/packages/ContainerManager/etc/dockerd.json
privilege=root
engineVersion=24.0.2
apiVersion=1.43
cpuQuota=true
memoryLimit=true
swapLimit=true
pidsLimit=true
pageSize=4096
sharedFolder=/volume1/docker
shareWriters=
dataDirectory=/volume1/docker/registry-data
controlDirectory=/volume1/@nas-registry/registry
vendorGround=
owner=91600:91600
warnings=`;

/** Output of the script that configures the NAS's daemon. */
const configuredDaemon = "dataRoot=/volume1/@docker\nrestartedAt=2026-01-31T12:00:00Z";

/** Runs a program without an engine and returns what it registered. */
export async function registered(
    program: () => unknown,
    options: {
        probe?: string;
        preview?: boolean;
        answer?: (type: string, inputs: Record<string, unknown>) => object;
    } = {},
): Promise<Registered[]> {
    const resources: Registered[] = [];
    const requests: RegisterRequest[] = [];
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its `this` below
    const original = MockMonitor.prototype.registerResource;
    MockMonitor.prototype.registerResource = function (this: MockMonitor, request: RegisterRequest, callback: never) {
        requests.push(request);
        return original.call(this, request, callback);
    } as typeof original;
    await pulumi.runtime.setMocks(
        {
            call: ({ inputs }) => inputs as Record<string, unknown>,
            newResource: ({ type, name, inputs }) => {
                const plain: Record<string, unknown> = {};
                const secretInputs: string[] = [];
                for (const [key, value] of Object.entries(inputs as Record<string, unknown>)) {
                    if (pulumi.runtime.isRpcSecret(value)) {
                        secretInputs.push(key);
                    }
                    plain[key] = pulumi.runtime.unwrapRpcSecret(value);
                }
                const request = requests.find((each) => each.getType() === type && each.getName() === name);
                resources.push({
                    type,
                    name,
                    inputs: plain,
                    secretInputs,
                    options: {
                        deleteBeforeReplace: request?.getDeletebeforereplace() ?? false,
                        replaceOnChanges: request?.getReplaceonchangesList() ?? [],
                        replacementTrigger: request?.getReplacementTrigger()?.toJavaScript(),
                        ignoreChanges: request?.getIgnorechangesList() ?? [],
                        protect: request?.getProtect() ?? false,
                        retainOnDelete: request?.getRetainondelete() ?? false,
                        deletedWith: request?.getDeletedwith() ?? "",
                        parent: request?.getParent() ?? "",
                        dependencies: request?.getDependenciesList() ?? [],
                        provider: request?.getProvider() ?? "",
                        aliases: request?.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? "") ?? [],
                    },
                });
                const stdout =
                    type === "command:remote:Command"
                        ? { stdout: `${options.probe ?? capableNas}\n${configuredDaemon}` }
                        : {};
                return {
                    id: `${name}-id`,
                    state: { ...(inputs as object), ...defaults[type], ...stdout, ...options.answer?.(type, plain) },
                };
            },
        },
        "project",
        "stack",
        options.preview ?? false,
    );
    // The SDK notes the stack of every promise it makes, which takes longer than all else.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
        await program();
        await pulumi.runtime.disconnect();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
        MockMonitor.prototype.registerResource = original;
    }
    return resources;
}

/** @throws Error with the names of all, when it is not among them */
export function resourceOf(all: readonly Registered[], type: string, name: string): Registered {
    const found = all.find((each) => each.type === type && each.name === name);
    if (!found) {
        throw new Error(`no ${type} ${name} among ${all.map((each) => `${each.type} ${each.name}`).join(", ")}`);
    }
    return found;
}
