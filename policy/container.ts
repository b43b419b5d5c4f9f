import { type Check, type Inputs, listOf } from "./rule";

export const CONTAINER = "docker:index/container:Container";
const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";

/** Where distribution 3 reads its configuration, and where ours keeps the images. */
export const CONFIG_MOUNT = "/etc/distribution";
export const DATA_MOUNT = "/var/lib/registry";

/** A directory or volume in a container, however it was declared. */
export interface Mount {
    target: string;
    /** Path on the NAS or name of a volume; nothing for an anonymous volume. */
    readonly source?: string;
    readonly bind: boolean;
    readOnly: boolean;
}

interface MountInput {
    type?: string;
    target: string;
    source?: string;
    readOnly?: boolean;
}

interface VolumeInput {
    containerPath?: string;
    hostPath?: string;
    volumeName?: string;
    readOnly?: boolean;
}

/** `mounts` and `volumes` of a container in one form; a source is read only when asked for, since it may not be known yet. */
export function mountsOf(inputs: Inputs): Mount[] {
    const mounts = listOf<MountInput>(inputs.mounts).map((mount) => ({
        target: mount.target,
        get source() {
            return mount.source;
        },
        bind: mount.type === "bind",
        readOnly: mount.readOnly === true,
    }));
    const volumes = listOf<VolumeInput>(inputs.volumes).map((volume) => ({
        target: volume.containerPath ?? "",
        get source() {
            return volume.hostPath ?? volume.volumeName;
        },
        get bind() {
            return volume.hostPath !== undefined;
        },
        readOnly: volume.readOnly === true,
    }));
    return [...mounts, ...volumes];
}

export interface ImageReference {
    /** With its registry, without tag and digest. */
    repository: string;
    tag?: string;
    digest?: string;
}

/** `localhost:5000/registry:3.1.2@sha256:…` taken apart. */
export function parseImage(reference: string): ImageReference {
    const [name = "", digest] = reference.split("@");
    // A colon before the last slash belongs to a port.
    const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
    return colon < 0
        ? { repository: name, digest }
        : { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest };
}

/** The image of a container, or the one that is pulled; nothing for other types. */
export function imageOf(type: string, inputs: Inputs): string | undefined {
    const image = type === CONTAINER ? inputs.image : type === REMOTE_IMAGE ? inputs.name : undefined;
    return typeof image === "string" ? image : undefined;
}

/** By the last part of its name, since a mirror puts its own in front. */
export function isImageOf(image: string, names: readonly string[]): boolean {
    return names.includes(parseImage(image).repository.split("/").at(-1) ?? "");
}

const REGISTRY_NAMES = ["registry", "distribution"];

export function isRegistryImage(image: string): boolean {
    return isImageOf(image, REGISTRY_NAMES);
}

/** Whether a container runs a registry: by its image, or by what is mounted where distribution looks for it. */
export function isRegistryContainer(inputs: Inputs): boolean {
    return (
        mountsOf(inputs).some(({ target }) => target === CONFIG_MOUNT || target === DATA_MOUNT) ||
        isRegistryImage(imageOf(CONTAINER, inputs) ?? "")
    );
}

/** A check of containers that run a registry. */
export function ofRegistries(check: (inputs: Inputs) => string[]): Check {
    return (type, inputs) => (type === CONTAINER && isRegistryContainer(inputs) ? check(inputs) : []);
}

/** A check of every container. */
export function ofContainers(check: (inputs: Inputs) => string[]): Check {
    return (type, inputs) => (type === CONTAINER ? check(inputs) : []);
}
