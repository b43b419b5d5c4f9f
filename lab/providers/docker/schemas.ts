import { boolean, map, object, Schema, set, string } from "../core/schema";
import { LABEL } from "./container-schema";

const R = { replaces: true };
const RC = { replaces: true, computed: true };

/** docker.Network of the docker provider 5.x: every input replaces. */
export const NETWORK: Schema = {
    attachable: boolean(R),
    driver: string(RC),
    ingress: boolean(R),
    internal: boolean(RC),
    ipamConfigs: set(object({ auxAddress: map(), gateway: string(), ipRange: string(), subnet: string() }), RC),
    ipamDriver: string({ default: "default", ...R }),
    ipamOptions: map(R),
    ipv6: boolean(R),
    labels: set(LABEL, R),
    name: string(R),
    options: map(RC),
    scope: string({ output: true }),
};

/** docker.RemoteImage of the docker provider 5.x. */
export const REMOTE_IMAGE: Schema = {
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
