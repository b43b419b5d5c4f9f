import type { Container, ContainerCreateOptions } from "dockerode";
import { flag, isProps, number, objects, Props, text, texts } from "../core/values";
import { attempt, Docker, isNotFound, messageOf } from "./client";
import { containerConfig } from "./container-config";
import { findImage } from "./images";
import { uploadFile } from "./upload";

/** In the order of the real provider: create, networks, uploads, start, wait. */
export async function createContainer(docker: Docker, inputs: Props, made: (id: string) => void): Promise<void> {
    const image = text(inputs, "image") ?? "";
    await attempt(`Unable to create container with image ${image}`, findImage(docker, image));
    const { name, ...body } = containerConfig(inputs, docker.version);
    // Given in one piece, dockerode would put all of it, environment included, into the URL as well.
    const request = { _query: { name }, _body: body } as unknown as ContainerCreateOptions;
    const one = await attempt("Unable to create container", docker.api.createContainer(request));
    made(one.id);
    await connectNetworks(docker, one.id, objects(inputs, "networksAdvanced"));
    for (const upload of objects(inputs, "uploads")) {
        await uploadFile(one, upload);
    }
    if (flag(inputs, "start")) {
        await attempt("Unable to start container", one.start());
        if (flag(inputs, "wait")) {
            await healthy(one, number(inputs, "waitTimeout") ?? 60);
        }
    }
}

/** The networks asked for take the place of the default one. */
async function connectNetworks({ api }: Docker, id: string, networks: Props[]): Promise<void> {
    if (networks.length === 0) {
        return;
    }
    try {
        await api.getNetwork("bridge").disconnect({ Container: id, Force: false });
    } catch (error) {
        const message = messageOf(error);
        if (!/is not connected to (the )?network bridge/i.test(message)) {
            throw new Error(`Unable to disconnect the default network: ${message}`);
        }
    }
    for (const network of networks) {
        const name = text(network, "name") ?? "";
        const address = text(network, "ipv4Address");
        await attempt(
            `Unable to connect to network '${name}'`,
            api.getNetwork(name).connect({
                Container: id,
                EndpointConfig: {
                    Aliases: texts(network, "aliases"),
                    ...(address && { IPAMConfig: { IPv4Address: address } }),
                },
            }),
        );
    }
}

async function healthy(one: Container, seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const { State } = await attempt("error inspecting container state", one.inspect()).catch((error: unknown) => {
            throw isNotFound(error) ? new Error("the container disappeared while it was waited for") : error;
        });
        const health: unknown = State.Health;
        if (!isProps(health as Props)) {
            throw new Error(
                "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. " +
                    "Please remove the 'wait' argument or add a 'healthcheck' attribute",
            );
        }
        if (State.Health?.Status === "healthy") {
            return;
        }
        if (Date.now() + 1000 > end) {
            throw new Error("container failed to be in healthy state");
        }
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
}
