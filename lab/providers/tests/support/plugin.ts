import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type * as plugins from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as wire from "@pulumi/pulumi/proto/provider_pb";
import * as statuses from "@pulumi/pulumi/proto/status_pb";
import type { Provider } from "../../core/provider";
import { createServer } from "../../core/server";
import { isProps, Props, shown } from "../../core/values";

/** A substitute behind real gRPC, spoken to in the form of the recordings. */
export interface Plugin {
    call: (method: string, request: Props) => Promise<Props>;
    stop: () => void;
}

export async function startPlugin(provider: Provider): Promise<Plugin> {
    const server = createServer(provider);
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        );
    });
    const plugin = connectPlugin(port);
    return {
        call: plugin.call,
        stop() {
            plugin.stop();
            server.forceShutdown();
        },
    };
}

/** A plugin that already listens, a substitute or not. */
export function connectPlugin(port: number): Plugin {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return {
        call: (method, request) => callOf(client, method)(request),
        stop: () => client.close(),
    };
}

type Call = (request: Props) => Promise<Props>;

function callOf(client: ResourceProviderClient, method: string): Call {
    switch (method) {
        case "GetPluginInfo":
            return async () => {
                const info = await unary<plugins.PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
                return { version: info.getVersion() };
            };
        case "CheckConfig":
            return async (request) =>
                checked(await unary<wire.CheckResponse>((done) => client.checkConfig(checking(request), done)));
        case "DiffConfig":
            return async (request) =>
                differing(await unary<wire.DiffResponse>((done) => client.diffConfig(changing(request), done)));
        case "Configure":
            return async (request) => {
                const message = new wire.ConfigureRequest()
                    .setAcceptsecrets(true)
                    .setAcceptresources(true)
                    .setArgs(struct(request.args));
                for (const [name, value] of Object.entries(isProps(request.variables) ? request.variables : {})) {
                    message.getVariablesMap().set(name, shown(value));
                }
                return configured(await unary<wire.ConfigureResponse>((done) => client.configure(message, done)));
            };
        case "Check":
            return async (request) =>
                checked(await unary<wire.CheckResponse>((done) => client.check(checking(request), done)));
        case "Diff":
            return async (request) =>
                differing(await unary<wire.DiffResponse>((done) => client.diff(changing(request), done)));
        case "Create":
            return async (request) => {
                const message = new wire.CreateRequest()
                    .setUrn(shown(request.urn))
                    .setProperties(struct(request.properties))
                    .setPreview(request.preview === true);
                const response = await unary<wire.CreateResponse>((done) => client.create(message, done));
                return { ...named("id", response.getId()), properties: props(response.getProperties()) };
            };
        case "Read":
            return async (request): Promise<Props> => {
                const message = new wire.ReadRequest()
                    .setId(shown(request.id))
                    .setUrn(shown(request.urn))
                    .setProperties(struct(request.properties))
                    .setInputs(struct(request.inputs));
                const response = await unary<wire.ReadResponse>((done) => client.read(message, done));
                if (!response.getId()) {
                    return {};
                }
                return {
                    id: response.getId(),
                    properties: props(response.getProperties()),
                    inputs: props(response.getInputs()),
                };
            };
        case "Update":
            return async (request) => {
                const message = new wire.UpdateRequest()
                    .setId(shown(request.id))
                    .setUrn(shown(request.urn))
                    .setOlds(struct(request.olds))
                    .setNews(struct(request.news))
                    .setOldInputs(struct(request.oldInputs))
                    .setIgnorechangesList(names(request.ignoreChanges))
                    .setPreview(request.preview === true);
                const response = await unary<wire.UpdateResponse>((done) => client.update(message, done));
                return { properties: props(response.getProperties()) };
            };
        case "Delete":
            return async (request) => {
                const message = new wire.DeleteRequest()
                    .setId(shown(request.id))
                    .setUrn(shown(request.urn))
                    .setProperties(struct(request.properties));
                await unary<unknown>((done) => client.delete(message, done));
                return {};
            };
        default:
            throw new Error(`no such call: ${method}`);
    }
}

/** An error with the partial state that it may carry. */
export interface CallError extends Error {
    code?: number;
    details?: string;
    partial?: { id: string; properties: Props; reasons: string[] };
}

function unary<T>(start: (done: (error: grpc.ServiceError | null, response: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
        start((error, response) => (error ? reject(withPartialState(error)) : resolve(response)));
    });
}

function withPartialState(error: grpc.ServiceError): CallError {
    const [details] = error.metadata.get("grpc-status-details-bin");
    if (details instanceof Buffer) {
        const [any] = statuses.Status.deserializeBinary(details).getDetailsList();
        const failed = any?.unpack(
            (bytes) => wire.ErrorResourceInitFailed.deserializeBinary(bytes),
            "pulumirpc.ErrorResourceInitFailed",
        );
        if (failed) {
            const partial = {
                id: failed.getId(),
                properties: props(failed.getProperties()),
                reasons: failed.getReasonsList(),
            };
            return Object.assign(error, { partial });
        }
    }
    return error;
}

function struct(value: Props[string] | undefined): Struct {
    return Struct.fromJavaScript(isProps(value) ? value : {});
}

function props(message: Struct | undefined): Props {
    return message?.toJavaScript() ?? {};
}

function names(value: Props[string] | undefined): string[] {
    return Array.isArray(value) ? value.map(String) : [];
}

function named(key: string, value: string): Props {
    return value ? { [key]: value } : {};
}

function checking(request: Props): wire.CheckRequest {
    return new wire.CheckRequest()
        .setUrn(shown(request.urn))
        .setOlds(struct(request.olds))
        .setNews(struct(request.news))
        .setRandomseed(Buffer.from("seed").toString("base64"));
}

function changing(request: Props): wire.DiffRequest {
    return new wire.DiffRequest()
        .setId(shown(request.id ?? ""))
        .setUrn(shown(request.urn))
        .setOlds(struct(request.olds))
        .setNews(struct(request.news))
        .setOldInputs(struct(request.oldInputs))
        .setIgnorechangesList(names(request.ignoreChanges));
}

function checked(response: wire.CheckResponse): Props {
    const failures = response
        .getFailuresList()
        .map((one) => ({ property: one.getProperty(), reason: one.getReason() }));
    return { inputs: props(response.getInputs()), ...(failures.length > 0 && { failures }) };
}

/** As the recordings write it: what is empty or zero is left out. */
function differing(response: wire.DiffResponse): Props {
    const detailed: Props = {};
    response.getDetaileddiffMap().forEach((change: wire.PropertyDiff, path: string) => {
        detailed[path] =
            change.getKind() === wire.PropertyDiff.Kind.ADD
                ? {}
                : { kind: enumName(wire.PropertyDiff.Kind, change.getKind()) };
    });
    return {
        ...list("replaces", response.getReplacesList()),
        ...list("stables", response.getStablesList()),
        ...(response.getDeletebeforereplace() && { deleteBeforeReplace: true }),
        ...(response.getChanges() !== wire.DiffResponse.DiffChanges.DIFF_UNKNOWN && {
            changes: enumName(wire.DiffResponse.DiffChanges, response.getChanges()),
        }),
        ...list("diffs", response.getDiffsList()),
        ...(Object.keys(detailed).length > 0 && { detailedDiff: detailed }),
        ...(response.getHasdetaileddiff() && { hasDetailedDiff: true }),
    };
}

function configured(response: wire.ConfigureResponse): Props {
    const all: Props = {
        acceptSecrets: response.getAcceptsecrets(),
        supportsPreview: response.getSupportspreview(),
        acceptResources: response.getAcceptresources(),
        acceptOutputs: response.getAcceptoutputs(),
        supportsAutonamingConfiguration: response.getSupportsAutonamingConfiguration(),
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value === true));
}

function list(key: string, values: string[]): Props {
    return values.length > 0 ? { [key]: values } : {};
}

function enumName(values: Record<string, number | string>, value: number): string {
    return Object.entries(values).find(([, number]) => number === value)?.[0] ?? String(value);
}
