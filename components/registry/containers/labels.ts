import { createHash } from "node:crypto";

import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Ownership } from "../../nas/probe";
import type { Settings } from "../settings";

type Labels = docker.types.input.ContainerLabel[];

/** By which a later probe knows what is this component's. */
export function ownLabels({ ownerLabel, component }: Ownership): Labels {
    return [
        { label: "nas-registry.owner", value: ownerLabel },
        { label: "nas-registry.component", value: component },
    ];
}

/** The user's labels, ours, and what the container has read at its start: when that changes, so does the container. */
export function containerLabels(
    settings: pulumi.Output<Settings>,
    own: Labels,
    config: pulumi.Output<string>,
): pulumi.Output<Labels> {
    return settings.apply(({ labels, logs }) => [
        ...Object.entries(labels).map(([label, value]) => ({ label, value })),
        ...own,
        // With the logs, since the provider takes a driver that is left out for the one that was there.
        { label: "nas-registry.config", value: fingerprint(pulumi.interpolate`${config}${JSON.stringify(logs)}`) },
    ]);
}

/** Not a secret although its text is: the text holds keys of 256 random bits. */
function fingerprint(text: pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.unsecret(text.apply((content) => createHash("sha256").update(content).digest("hex")));
}
