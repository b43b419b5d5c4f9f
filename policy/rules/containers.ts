import { vendors } from "../../components/nas/vendors";
import {
    CONFIG_MOUNT,
    CONTAINER,
    DATA_MOUNT,
    imageOf,
    isImageOf,
    mountsOf,
    ofContainers,
    ofRegistries,
} from "../container";
import { listOf, rule } from "../rule";

export const memoryLimited = rule(
    "memory-limited",
    "Every container has a memory limit.",
    ofContainers(({ memory }) =>
        typeof memory === "number" && memory > 0
            ? []
            : ["The container has no memory limit, so that it could take all memory of the NAS; set memory."],
    ),
);

export const dataOnDataVolume = rule(
    "data-on-data-volume",
    "The images are in a shared folder of the NAS, never in a Docker volume.",
    ofRegistries((inputs) => {
        const mount = mountsOf(inputs).find(({ target }) => target === DATA_MOUNT);
        if (!mount) {
            return [`Nothing is mounted at ${DATA_MOUNT}; the images would be gone with the container.`];
        }
        if (!mount.bind) {
            return [`${DATA_MOUNT} is a Docker volume, which a prune removes; mount a directory of a shared folder.`];
        }
        const isOnDataVolume = Object.values(vendors).some(({ dataPath }) => dataPath.test(mount.source ?? ""));
        return isOnDataVolume
            ? []
            : [
                  `${mount.source} is not in a shared folder on a data volume; give a path such as ${Object.values(
                      vendors,
                  )
                      .map(({ dataPathExample }) => dataPathExample)
                      .join(" or ")}.`,
              ];
    }),
);

/** Apart from what mounts must be there, since the path is not known in a first preview. */
export const configurationKept = rule(
    "configuration-out-of-reach",
    "A registry's configuration is where nobody but root can change it, outside of every shared folder.",
    ofRegistries((inputs) => {
        const mount = mountsOf(inputs).find(({ target }) => target === CONFIG_MOUNT);
        const isKept =
            !mount ||
            (mount.bind && Object.values(vendors).some(({ controlPath }) => controlPath.test(mount.source ?? "")));
        return isKept
            ? []
            : [
                  `${mount.source} is not a directory for the configuration that only root can change; whoever may write in a shared folder could put another one, without users and TLS, in its place.`,
              ];
    }),
);

const REDIS_NAMES = ["redis", "redis-stack-server", "valkey", "keydb"];

export const redisPrivate = rule(
    "redis-not-published",
    "Redis is reached by containers of its network alone.",
    ofContainers((inputs) => {
        if (!isImageOf(imageOf(CONTAINER, inputs) ?? "", REDIS_NAMES)) {
            return [];
        }
        const published = listOf(inputs.ports).length > 0 || inputs.publishAllPorts === true;
        return published || inputs.networkMode === "host"
            ? ["Redis has a port on the NAS; remove ports, and use a network that it shares with the registry."]
            : [];
    }),
);

/** Capabilities that a registry on a NAS has use for. */
const ALLOWED_CAPABILITIES = ["NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"];

export const leastPrivilege = rule(
    "least-privilege",
    "No container is privileged or has a capability that it does not need.",
    ofContainers(({ privileged, capabilities }) => {
        const { adds, drops } = (capabilities ?? {}) as { adds?: string[]; drops?: string[] };
        const added = listOf<string>(adds).filter((each) => !ALLOWED_CAPABILITIES.includes(each));
        return [
            ...(privileged === true ? ["The container is privileged, which is root on the NAS."] : []),
            ...(listOf<string>(drops).includes("ALL")
                ? []
                : ["The container keeps the engine's capabilities; set capabilities.drops to ALL."]),
            ...added.map((each) => `The container has the capability ${each}; no registry needs it.`),
        ];
    }),
);

export const ownUser = rule(
    "user-not-root",
    "Every container runs as a user that is named, and not as root.",
    ofContainers((inputs) => {
        const user = typeof inputs.user === "string" ? inputs.user : "";
        return /^(root|\+?0*)(:|$)/.test(user)
            ? [`The container runs as ${user || "its image's user"}; set user to one that is not root.`]
            : [];
    }),
);

export const fileSystemKept = rule(
    "root-filesystem-read-only",
    "No container writes but to its mounts.",
    ofContainers(({ readOnly }) =>
        readOnly === true ? [] : ["The container can write to its own file system; set readOnly."],
    ),
);

/** The forms that Docker Engine takes for it, the colon with a warning that it is the old one. */
const noNewPrivileges = /^no-new-privileges([=:](1|t|T|true|True|TRUE))?$/;

export const privilegesKept = rule(
    "no-new-privileges",
    "No program in a container gets more rights than the container.",
    ofContainers(({ securityOpts }) => {
        const said = listOf<string>(securityOpts).filter((option) => option.startsWith("no-new-privileges"));
        // All of them: of two the engine takes the last, and the provider sends them in any order.
        return said.length > 0 && said.every((option) => noNewPrivileges.test(option))
            ? []
            : [
                  "A setuid program could become root; set securityOpts to no-new-privileges=true, and nothing against it.",
              ];
    }),
);

/** Apart from the rule above, so that this one's unknown paths do not keep that one from being checked in a first preview. */
export const socketKept = rule(
    "docker-socket-kept",
    "No container reaches the Docker socket.",
    ofContainers((inputs) =>
        mountsOf(inputs).some(({ source }) => source?.endsWith("/docker.sock"))
            ? ["The container is given the Docker socket, which is root on the NAS."]
            : [],
    ),
);
