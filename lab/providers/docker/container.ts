import { flag, number, Props, text } from "../core/values";
import { classicResource } from "./classic";
import { attempt, DockerClient, isNotFound, messageOf } from "./client";
import { createContainer } from "./container-create";
import { ContainerInspect, seenOf } from "./container-read";
import { CONTAINER } from "./container-schema";

const MEBIBYTE = 1024 * 1024;

/** The inputs that Docker can change on a container that exists; any other update changes Pulumi's state alone. */
const CHANGEABLE = ["restart", "cpuShares", "memory", "memorySwap"];

export const container = (client: DockerClient) =>
    classicResource({
        schema: CONTAINER,
        autonamed: true,
        replaceFirst: true,
        create: async (inputs, made) => createContainer(await client.connect(), inputs, made),
        async see(id, state) {
            const { api } = await client.connect();
            const all = await attempt(
                "error fetching container information from Docker",
                api.listContainers({ all: true }),
            );
            if (!all.some((one) => one.Id === id)) {
                return undefined;
            }
            const found: unknown = await attempt("inspect", api.getContainer(id).inspect());
            return { id, seen: seenOf(found as ContainerInspect, state) };
        },
        async update(id, olds, news) {
            const one = (await client.connect()).api.getContainer(id);
            if (olds.mustRun === false && flag(news, "mustRun") && flag(news, "start")) {
                await attempt("Unable to start container", one.start());
            }
            if (CHANGEABLE.some((name) => (olds[name] ?? 0) !== (news[name] ?? 0))) {
                await attempt("Unable to update a container", one.update(changes(news)));
            }
        },
        async delete(id, state) {
            const one = (await client.connect()).api.getContainer(id);
            const seconds = Math.max(number(state, "destroyGraceSeconds") ?? 0, 0);
            await unlessGone(`Error stopping container ${id}`, one.stop({ t: seconds }));
            await unlessGone(
                `Error deleting container ${id}`,
                one.remove({ v: flag(state, "removeVolumes"), force: true }),
            );
        },
    });

function changes(news: Props) {
    const swap = number(news, "memorySwap") ?? 0;
    return {
        CpuShares: number(news, "cpuShares") ?? 0,
        Memory: (number(news, "memory") ?? 0) * MEBIBYTE,
        MemoryReservation: (number(news, "memoryReservation") ?? 0) * MEBIBYTE,
        ...(swap !== 0 && { MemorySwap: swap > 0 ? swap * MEBIBYTE : swap }),
        RestartPolicy: { Name: text(news, "restart") ?? "no", MaximumRetryCount: 0 },
    };
}

/** Docker answers 304 for a container that is not running, 404 and 409 for one that is gone or going. */
async function unlessGone(what: string, call: Promise<unknown>): Promise<void> {
    try {
        await call;
    } catch (error) {
        const stopped = error instanceof Error && "statusCode" in error && error.statusCode === 304;
        const message = messageOf(error);
        if (!stopped && !isNotFound(error) && !/no such container|is already in progress/i.test(message)) {
            throw new Error(`${what}: ${message}`);
        }
    }
}
