import { setTimeout as sleep } from "node:timers/promises";
import { content } from "./content";
import type { Docker } from "./docker";
import type { Images } from "./images";
import { label, objectName } from "./names";

/** Where NASes find the mirror, on the lab's network. */
export const mirrorUrl = "http://mirror:5000";

/** Starts the mirror of a namespace, if it does not run, and puts the lab's images into it. */
export async function ensureMirror(docker: Docker, namespace: string, network: string, images: Images): Promise<void> {
    const mirror = objectName(namespace, "mirror");
    const state = await docker.try(["inspect", "--format", "{{.State.Running}} {{.Config.Image}}", mirror]);
    if (state.stdout.trim() !== `true ${images.registry}`) {
        if (state.code === 0) await docker.run(["rm", "--force", "--volumes", mirror]);
        await docker.run(
            [
                ["run", "--detach", "--name", mirror, "--label", `${label}=${namespace}`],
                ["--network", network, "--network-alias", "mirror"],
                // For the pushes below; the NASes use the lab's network.
                ["--publish", "127.0.0.1::5000"],
                images.registry,
            ].flat(),
        );
    }
    await answering(docker, mirror);
    const served = Object.entries(content).map(([name, image]) => [name, images[image]] as const);
    await serveImages(docker, namespace, new Map(served));
}

/** Puts images into the mirror: name on Docker Hub -> an image of the lab's engine. */
export async function serveImages(
    docker: Docker,
    namespace: string,
    images: ReadonlyMap<string, string>,
): Promise<void> {
    const [address] = await docker.lines(["port", objectName(namespace, "mirror"), "5000/tcp"]);
    if (address === undefined) throw new Error("the lab's mirror has no published port");
    for (const [name, image] of images) {
        // Where engines look for it: names without a slash are official images.
        const reference = `${address}/${name.includes("/") ? name : `library/${name}`}`;
        await docker.run(["tag", image, reference]);
        await docker.run(["push", "--quiet", reference]);
        await docker.run(["image", "rm", "--no-prune", reference]);
    }
}

async function answering(docker: Docker, name: string): Promise<void> {
    const probe = ["exec", name, "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/v2/"];
    for (let tries = 0; tries < 100; tries++) {
        if ((await docker.try(probe)).code === 0) return;
        await sleep(100);
    }
    throw new Error(`the lab's mirror does not answer: ${(await docker.try(["logs", "--tail", "5", name])).stderr}`);
}
