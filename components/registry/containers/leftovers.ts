import * as pulumi from "@pulumi/pulumi";

import { dockerApi, type DockerApi } from "../../nas/dockerApi";
import { errorHooks } from "../../nas/hooks";
import type { Deployment } from "../deployment";
import { ownLabels } from "./container";

/**
 * An update that is killed leaves what it was just making, and the state does not know of it: the next one takes it away, and
 * goes on. With a docker provider of the user's the update says what to do.
 */
export function leftoverHooks(deployment: Deployment, ssh: pulumi.Output<string[]> | undefined): pulumi.ErrorHook[] {
    const { name, settings, nas } = deployment;
    const known = pulumi.all([settings.containerName, nas.facts.docker, ssh]);
    return errorHooks(`${name}-leftover`, known, async (_, [containerName, docker, arguments_], failed) => {
        const [error = "", ...before] = failed.errors;
        if (!nameIsTaken(error)) {
            return undefined;
        }
        const leftover: Leftover = {
            kind: failed.type === "docker:index/network:Network" ? "networks" : "containers",
            // "-redis" is behind both names.
            name: containerName + failed.name.slice(name.length),
            labels: ownLabels(deployment),
        };
        if (arguments_ && before.length === 0 && (await removeLeftover(dockerApi(arguments_), leftover))) {
            return true;
        }
        return explainLeftover(containerName, docker);
    });
}

/** Whether an engine, of 20.10 to 29, says that the name of a new container or network is another's. */
export function nameIsTaken(error: string): boolean {
    return /network with name \S+ already exists|container name \S+ is already in use by/i.test(error);
}

export function explainLeftover(containerName: string, docker: string): string {
    const remove = `${docker} rm --force ${containerName} ${containerName}-redis; ${docker} network rm ${containerName}`;
    return `containerName: an update that was interrupted left a container or network of this name on the NAS; run '${remove}' there (your images stay), then 'pulumi refresh --run-program' and 'pulumi up'.`;
}

/** The name that is taken, and by which labels it would be this component's own. */
export interface Leftover {
    kind: "containers" | "networks";
    name: string;
    labels: ReturnType<typeof ownLabels>;
}

/** A container or a network, as the engine tells of it. */
interface Found {
    Id: string;
    Labels?: Record<string, string> | null;
    Config?: Pick<Found, "Labels">;
    /** By their ids, those that have joined a network. */
    Containers?: Record<string, unknown> | null;
}

/**
 * Removes what has the name, and the containers that have joined it, if all of that is this component's own: there is no data in
 * them. @returns whether the name is free now
 */
export async function removeLeftover(api: DockerApi, { kind, name, labels }: Leftover): Promise<boolean> {
    const own = async (path: string): Promise<Found | undefined> => {
        const { status, body } = await api("GET", path);
        const found = body as Found;
        const has = found.Config?.Labels ?? found.Labels ?? {};
        return status === 200 && labels.every(({ label, value }) => has[label] === value) ? found : undefined;
    };
    const remove = async (path: string) => [204, 404].includes((await api("DELETE", path)).status);
    const removeContainer = ({ Id }: Found) => remove(`/containers/${Id}?force=1&v=1`);
    try {
        if (kind === "containers") {
            const container = await own(`/containers/${name}/json`);
            return container !== undefined && (await removeContainer(container));
        }
        const network = await own(`/networks/${name}`);
        const joined = await Promise.all(
            Object.keys(network?.Containers ?? {}).map((id) => own(`/containers/${id}/json`)),
        );
        if (!network || joined.includes(undefined)) {
            return false;
        }
        await Promise.all(joined.filter((each) => each !== undefined).map(removeContainer));
        return await remove(`/networks/${network.Id}`);
    } catch {
        // The engine cannot be asked: the name is as taken as before.
        return false;
    }
}
