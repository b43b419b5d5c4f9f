import type { Docker } from "./client";
import { attempt, isNotFound, messageOf } from "./client";

export interface LocalImage {
    Id: string;
    RepoDigests: string[] | null;
}

export async function localImage({ api }: Docker, name: string): Promise<LocalImage | undefined> {
    try {
        return await api.getImage(name).inspect();
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw new Error(`unable to inspect image ${name}: ${messageOf(error)}`);
    }
}

/** The image on the host, pulled first when it is not there. */
export async function findImage(docker: Docker, name: string, platform?: string): Promise<LocalImage> {
    const local = await localImage(docker, name);
    if (local) {
        return local;
    }
    const complaint = await pull(docker, name, platform);
    const pulled = await localImage(docker, name);
    if (!pulled) {
        throw new Error(`unable to find or pull image ${name}${complaint ? ` (${complaint})` : ""}`);
    }
    return pulled;
}

/** What a pull complains about after it began stands in its output; the call itself succeeds. */
async function pull({ api }: Docker, name: string, platform: string | undefined): Promise<string | undefined> {
    const { repository, tag } = splitName(name);
    const stream = await attempt(
        `unable to pull image ${name}: error pulling image ${name}`,
        api.createImage({ fromImage: repository, tag, ...(platform && { platform }) }),
    );
    let output = "";
    for await (const chunk of stream as AsyncIterable<Buffer>) {
        output = (output + chunk.toString()).slice(-4096);
    }
    return /"error":"((?:[^"\\]|\\.)*)"/.exec(output)?.[1];
}

/** A digest, where there is one, says more than the tag. */
function splitName(name: string): { repository: string; tag: string } {
    const [tagged = name, digest] = name.split("@");
    const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
    const repository = colon < 0 ? tagged : tagged.slice(0, colon);
    return { repository, tag: digest ?? (colon < 0 ? "latest" : tagged.slice(colon + 1)) };
}

/** The digest under which the registry of this name knows the image, "" if it never came from there. */
export function repoDigest(name: string, image: LocalImage): string {
    const digests = image.RepoDigests ?? [];
    if (digests.length === 0) {
        return "";
    }
    const { repository } = splitName(name);
    return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? "";
}
