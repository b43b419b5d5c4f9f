import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as plugins from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as wire from "@pulumi/pulumi/proto/provider_pb";
import * as statuses from "@pulumi/pulumi/proto/status_pb";
import { connectLog } from "./log";
import { Answer, DiffResult, InitializationError, Provider, ResourceType } from "./provider";
import type { CheckResult } from "./provider";
import type { Props } from "./values";

/** Pulumi itself allows messages of this size; gRPC's own limit is 4 MiB. */
const LIMIT = 400 * 1024 * 1024;

/** The ResourceProvider service for one substitute. What is missing here answers "not implemented". */
export function createServer(provider: Provider): grpc.Server {
    const server = new grpc.Server({
        "grpc.max_receive_message_length": LIMIT,
        "grpc.max_send_message_length": LIMIT,
    });
    server.addService(ResourceProviderService, {
        getPluginInfo: unary(() => new plugins.PluginInfo().setVersion(provider.version)),
        getSchema: unary(() => new wire.GetSchemaResponse().setSchema("{}")),
        cancel: unary(() => new Empty()),
        attach: unary((request: plugins.PluginAttach) => {
            connectLog(request.getAddress());
            return new Empty();
        }),
        checkConfig: unary((request: wire.CheckRequest) => checked(provider.checkConfig(props(request.getNews())))),
        ...(provider.diffConfig && { diffConfig: unary(() => differing(provider.diffConfig?.() ?? {})) }),
        configure: unary(async (request: wire.ConfigureRequest) => {
            await provider.configure(props(request.getArgs()));
            return capabilities(provider);
        }),
        check: unary((request: wire.CheckRequest) => {
            const proposedName = request.getAutonaming()?.getProposedName();
            return checked(
                resourceOf(provider, request.getUrn()).check({
                    ...address(request.getUrn()),
                    olds: props(request.getOlds()),
                    news: props(request.getNews()),
                    randomSeed: request.getRandomseed_asU8(),
                    ...(proposedName && { proposedName }),
                }),
            );
        }),
        diff: unary((request: wire.DiffRequest) =>
            differing(resourceOf(provider, request.getUrn()).diff(changeOf(request))),
        ),
        create: unary(async (request: wire.CreateRequest) => {
            const created = await resourceOf(provider, request.getUrn()).create({
                ...address(request.getUrn()),
                properties: props(request.getProperties()),
                preview: request.getPreview(),
            });
            return new wire.CreateResponse().setId(created.id).setProperties(struct(created.properties));
        }),
        read: unary(async (request: wire.ReadRequest) => {
            const found = await resourceOf(provider, request.getUrn()).read({
                ...address(request.getUrn()),
                id: request.getId(),
                properties: props(request.getProperties()),
                inputs: props(request.getInputs()),
            });
            const response = new wire.ReadResponse();
            return found
                ? response.setId(found.id).setProperties(struct(found.properties)).setInputs(struct(found.inputs))
                : response;
        }),
        update: unary(async (request: wire.UpdateRequest) => {
            const properties = await resourceOf(provider, request.getUrn()).update({
                ...changeOf(request),
                preview: request.getPreview(),
            });
            return new wire.UpdateResponse().setProperties(struct(properties));
        }),
        delete: unary(async (request: wire.DeleteRequest) => {
            await resourceOf(provider, request.getUrn()).delete({
                ...address(request.getUrn()),
                id: request.getId(),
                properties: props(request.getProperties()),
            });
            return new Empty();
        }),
    });
    return server;
}

function unary<Request, Response>(
    answer: (request: Request) => Answer<Response>,
): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
        const answered = Promise.resolve().then(() => answer(call.request));
        answered.then(
            (response) => callback(null, response),
            (error: unknown) => callback(serviceError(error)),
        );
    };
}

function resourceOf(provider: Provider, urn: string): ResourceType {
    const { type } = address(urn);
    const resource = provider.resource(type);
    if (!resource) {
        throw new Error(
            `${type} is not one of the types that the lab's substitute of the ${provider.name} provider knows; ` +
                `install the official ${provider.name} plugin to use it`,
        );
    }
    return resource;
}

/** urn:pulumi:<stack>::<project>::<parent types$type>::<name> */
function address(urn: string): { urn: string; type: string; name: string } {
    const [, , types = "", ...name] = urn.split("::");
    return { urn, type: types.split("$").pop() ?? "", name: name.join("::") };
}

function changeOf(request: wire.DiffRequest | wire.UpdateRequest) {
    return {
        ...address(request.getUrn()),
        id: request.getId(),
        olds: props(request.getOlds()),
        oldInputs: props(request.getOldInputs()),
        news: props(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
    };
}

function props(message: Struct | undefined): Props {
    return message?.toJavaScript() ?? {};
}

function struct(value: Props): Struct {
    return Struct.fromJavaScript(value);
}

function checked(result: CheckResult): wire.CheckResponse {
    return new wire.CheckResponse()
        .setInputs(struct(result.inputs))
        .setFailuresList(
            result.failures.map((failure) =>
                new wire.CheckFailure().setProperty(failure.property).setReason(failure.reason),
            ),
        );
}

function differing(result: DiffResult): wire.DiffResponse {
    const response = new wire.DiffResponse()
        .setDiffsList(result.diffs ?? [])
        .setReplacesList(result.replaces ?? [])
        .setStablesList(result.stables ?? [])
        .setDeletebeforereplace(result.deleteBeforeReplace ?? false)
        .setHasdetaileddiff(result.detailedDiff !== undefined);
    if (result.changes) {
        response.setChanges(wire.DiffResponse.DiffChanges[result.changes]);
    }
    for (const [path, kind] of Object.entries(result.detailedDiff ?? {})) {
        response.getDetaileddiffMap().set(path, new wire.PropertyDiff().setKind(wire.PropertyDiff.Kind[kind]));
    }
    return response;
}

function capabilities(provider: Provider): wire.ConfigureResponse {
    return new wire.ConfigureResponse()
        .setSupportspreview(true)
        .setAcceptsecrets(provider.capabilities.acceptSecrets ?? false)
        .setAcceptresources(provider.capabilities.acceptResources ?? false)
        .setAcceptoutputs(provider.capabilities.acceptOutputs ?? false)
        .setSupportsAutonamingConfiguration(provider.capabilities.supportsAutonamingConfiguration ?? false);
}

function serviceError(error: unknown): grpc.ServerErrorResponse {
    const failure = error instanceof Error ? error : new Error(String(error));
    const metadata = new grpc.Metadata();
    if (failure instanceof InitializationError) {
        // The field gRPC reserves for structured errors; the engine reads the partial state from it.
        metadata.add("grpc-status-details-bin", Buffer.from(initializationStatus(failure).serializeBinary()));
    }
    return Object.assign(new Error(failure.message), {
        code: grpc.status.UNKNOWN,
        details: failure.message,
        metadata,
    });
}

function initializationStatus(error: InitializationError): statuses.Status {
    const detail = new wire.ErrorResourceInitFailed()
        .setId(error.id)
        .setProperties(struct(error.properties))
        .setInputs(struct(error.inputs))
        .setReasonsList([error.message]);
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    return new statuses.Status().setCode(grpc.status.UNKNOWN).setMessage(error.message).setDetailsList([packed]);
}
