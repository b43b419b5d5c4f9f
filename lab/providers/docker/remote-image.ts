import { boolean, map, object, Schema, set, string } from "../core/schema";
import { flag, text } from "../core/values";
import { classicResource } from "./classic";
import { attempt, DockerClient } from "./client";
import { findImage, localImage, repoDigest } from "./images";

/** docker.RemoteImage of the docker provider 5.x. */
const REMOTE_IMAGE: Schema = {
    build: object({}, { unsupported: true }),
    forceRemove: boolean(),
    imageId: string({ output: true }),
    keepLocally: boolean(),
    name: string({ required: true, replaces: true }),
    platform: string({ replaces: true }),
    pullTriggers: set(string(), { replaces: true }),
    repoDigest: string({ output: true }),
    triggers: map({ replaces: true }),
};

export const remoteImage = (client: DockerClient) =>
    classicResource({
        schema: REMOTE_IMAGE,
        autonamed: false,
        replaceFirst: false,
        async create(inputs, made) {
            const docker = await client.connect();
            const name = text(inputs, "name") ?? "";
            const image = await attempt(
                "Unable to read Docker image into resource",
                findImage(docker, name, text(inputs, "platform")),
            );
            made(image.Id + name);
        },
        async see(_id, state) {
            const name = text(state, "name") ?? "";
            const image = await localImage(await client.connect(), name);
            return image && { id: image.Id + name, seen: { imageId: image.Id, repoDigest: repoDigest(name, image) } };
        },
        async delete(_id, state) {
            if (flag(state, "keepLocally")) {
                return;
            }
            const docker = await client.connect();
            const name = text(state, "name") ?? "";
            if (await localImage(docker, name)) {
                await attempt(
                    "Unable to remove Docker image",
                    docker.api.getImage(name).remove({ force: flag(state, "forceRemove") }),
                );
            }
        },
    });
