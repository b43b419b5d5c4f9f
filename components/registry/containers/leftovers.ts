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
        if (networkIsGone(error)) {
            return explainLostNetwork(containerName);
        }
        if (!nameIsTaken(error)) {
            return undefined;
        }
        // "-redis" is behind both names.
        const leftover = { name: containerName + failed.name.slice(name.length), labels: ownLabels(deployment) };
        if (arguments_ && before.length === 0 && (await removeLeftover(dockerApi(arguments_), leftover))) {
            return true;
        }
        return explainLeftover(containerName, docker);
    });
}

/** Whether an engine, of 20.10 to 29, says that the name of a new container is another's. */
export function nameIsTaken(error: string): boolean {
    return /container name \S+ is already in use by/i.test(error);
}

export function explainLeftover(containerName: string, docker: string): string {
    return `containerName: an update that was interrupted left a container of this name on the NAS; run '${docker} rm --force ${containerName} ${containerName}-redis' there (your images stay), then 'pulumi refresh --run-program' and 'pulumi up'.`;
}

/** Whether an engine, of 20.10 to 29, says that a container cannot join a network, since there is none of that name. */
export function networkIsGone(error: string): boolean {
    return /network \S+ not found/i.test(error);
}

export function explainLostNetwork(network: string): string {
    return `the network '${network}' is gone from the NAS: set reapply to another text, which makes it again, and run 'pulumi up'.`;
}

/** The name that is taken, and by which labels it would be this component's own. */
export interface Leftover {
    name: string;
    labels: ReturnType<typeof ownLabels>;
}

/** A container, as the engine tells of it. */
interface Found {
    Id: string;
    Config: { Labels?: Record<string, string> | null };
}

/** Removes the container that has the name, if it is this component's own: there is no data in it. @returns whether the name is free now */
export async function removeLeftover(api: DockerApi, { name, labels }: Leftover): Promise<boolean> {
    try {
        const { status, body } = await api("GET", `/containers/${name}/json`);
        const { Id, Config } = body as Found;
        if (status !== 200 || labels.some(({ label, value }) => Config.Labels?.[label] !== value)) {
            return false;
        }
        return [204, 404].includes((await api("DELETE", `/containers/${Id}?force=1&v=1`)).status);
    } catch {
        // The engine cannot be asked: the name is as taken as before.
        return false;
    }
}
