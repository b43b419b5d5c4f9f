import type { NetworkInspectInfo } from "dockerode";
import { flag, given, objects, Props, text, textMap, texts } from "../core/values";
import { classicResource } from "./classic";
import { attempt, DockerClient, messageOf } from "./client";
import { fromLabels, toLabels } from "./labels";
import { NETWORK } from "./schemas";

/** How long a network may keep endpoints of containers that are just being removed. */
const REMOVAL = { timeout: 30_000, pause: 1000 };

export const network = (client: DockerClient) =>
    classicResource({
        schema: NETWORK,
        autonamed: true,
        // Two networks of one name cannot be told apart: only a made-up name lets the new one come first.
        replaceFirst: (inputs) => !texts(inputs, "__defaults").includes("name"),
        async create(inputs, made) {
            const { api } = await client.connect();
            const created = await attempt(
                "Unable to create network",
                api.createNetwork({
                    Name: text(inputs, "name") ?? "",
                    CheckDuplicate: true,
                    Labels: fromLabels(objects(inputs, "labels")),
                    Driver: text(inputs, "driver") ?? "",
                    Options: textMap(inputs, "options"),
                    Internal: flag(inputs, "internal"),
                    Attachable: flag(inputs, "attachable"),
                    Ingress: flag(inputs, "ingress"),
                    EnableIPv6: flag(inputs, "ipv6"),
                    IPAM: {
                        Driver: text(inputs, "ipamDriver") ?? "default",
                        Config: objects(inputs, "ipamConfigs").map(toIpam),
                        Options: textMap(inputs, "ipamOptions"),
                    },
                }),
            );
            made(created.id);
        },
        async see(id) {
            const { api } = await client.connect();
            // The real provider takes every error for "gone"; its users rely on it, and so do its traps.
            const found = await api
                .getNetwork(id)
                .inspect()
                .catch(() => undefined);
            return found && { id, seen: seenOf(found) };
        },
        async delete(id) {
            const { api } = await client.connect();
            const end = Date.now() + REMOVAL.timeout;
            for (;;) {
                try {
                    await api.getNetwork(id).inspect();
                } catch {
                    return;
                }
                try {
                    await api.getNetwork(id).remove();
                    return;
                } catch (error) {
                    const message = messageOf(error);
                    if (!/has active endpoints/i.test(message)) {
                        throw new Error(message);
                    }
                    if (Date.now() > end) {
                        throw new Error(
                            `timeout while waiting for state to become 'removed' (timeout: 30s): ${message}`,
                        );
                    }
                }
                await new Promise((resolve) => setTimeout(resolve, REMOVAL.pause));
            }
        },
    });

function toIpam(config: Props) {
    const aux = textMap(config, "auxAddress");
    const ipam: Record<string, string> = {};
    for (const [name, field] of [
        ["Subnet", "subnet"],
        ["IPRange", "ipRange"],
        ["Gateway", "gateway"],
    ] as const) {
        const value = text(config, field);
        if (value) {
            ipam[name] = value;
        }
    }
    return Object.keys(aux).length > 0 ? { ...ipam, AuxiliaryAddresses: aux } : ipam;
}

function seenOf(found: NetworkInspectInfo): Props {
    const configs = (found.IPAM?.Config ?? []) as Record<string, unknown>[];
    return {
        name: found.Name,
        labels: toLabels(found.Labels),
        driver: found.Driver,
        internal: found.Internal,
        attachable: found.Attachable,
        ingress: found.Ingress,
        ipv6: found.EnableIPv6,
        ipamDriver: found.IPAM?.Driver ?? "default",
        ipamOptions: found.IPAM?.Options ?? {},
        scope: found.Scope,
        options: found.Options ?? {},
        ipamConfigs: configs.map((config) => ({
            auxAddress: given(config.AuxiliaryAddresses as Props) ? (config.AuxiliaryAddresses as Props) : {},
            gateway: textOf(config.Gateway),
            ipRange: textOf(config.IPRange),
            subnet: textOf(config.Subnet),
        })),
    };
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : "";
}
