import type * as pulumi from "@pulumi/pulumi";

import type { Keyless } from "../../nas/connection";
import { nas, type NasArgs } from "../../nas/nas";
import { transportKey, type TransportKeyArgs } from "../../nas/transport";
import { address, type AddressArgs } from "./address";
import { auth, type AuthArgs, type TokenArgs } from "./auth";
import { cache, type Cache, type CacheArgs } from "./cache";
import { container, type RegistryContainerArgs } from "./container";
import { data, type DataArgs } from "./data";
import { http, type HttpArgs, type UploadArgs } from "./http";
import { logging, type LoggingArgs } from "./logging";
import { maintenance, type MaintenanceArgs } from "./maintenance";
import { nasDaemon, type NasDaemonArgs } from "./nasDaemon";
import { notifications, type EventArgs } from "./notifications";
import { operationsSection, type OperationsArgs } from "./operations";
import type { Known, Plain, RegistrySection } from "./section";
import { storage, type ObjectStorageArgs, type RedirectArgs } from "./storage";
import type { TierArgs } from "./tier";
import { tls, type ServerKeyPair, type TlsArgs } from "./tls";
import { upstream, type MirrorArgs } from "./upstream";
import { validation, type ValidationArgs } from "./validation";

/** What a registry and a mirror have in common. */
export interface CommonArgs
    extends
        NasArgs,
        TransportKeyArgs,
        AddressArgs,
        TlsArgs,
        DataArgs,
        RegistryContainerArgs,
        AuthArgs,
        ObjectStorageArgs,
        HttpArgs,
        LoggingArgs {}

/** Arguments of {@link NasRegistry}. */
export interface NasRegistryArgs
    extends
        CommonArgs,
        TierArgs,
        CacheArgs,
        TokenArgs,
        UploadArgs,
        RedirectArgs,
        MaintenanceArgs,
        EventArgs,
        ValidationArgs,
        NasDaemonArgs,
        OperationsArgs {
    /**
     * YAML that is merged last into the registry's config.yml, for what has no setting of its own: mappings are joined,
     * values and lists replaced, null takes a key away. Keys that distribution 3 does not know are refused, and those that an
     * argument sets, so that it cannot switch off TLS or users, listen elsewhere, or keep the images in another place.
     * @default none @example "catalog: {maxentries: 2000}"
     */
    extraConfig?: pulumi.Input<string>;
}

/** Arguments of {@link NasMirror}. */
export interface NasMirrorArgs extends CommonArgs, MirrorArgs {}

/** Arguments of a registry or a mirror, the SSH key left out. */
export interface DeploymentArgs extends Keyless<NasRegistryArgs>, MirrorArgs {}

/** The arguments without Inputs. */
export type PlainArgs = Plain<DeploymentArgs>;

/** What is known of the arguments before any Output resolves. */
export type KnownArgs = Known<DeploymentArgs>;

/** Who decides about the settings, in the order of config.yml. A setting is added in one of them, or with a new one here. */
const all = [
    nas,
    transportKey,
    data,
    container,
    logging,
    storage,
    maintenance,
    cache,
    auth,
    address,
    tls,
    http,
    notifications,
    upstream,
    validation,
    nasDaemon,
    operationsSection,
    { confidential: ["extraConfig"] },
] as const;

type Results<Member extends string> = Intersection<
    (typeof all)[number] extends infer S
        ? S extends Partial<Record<Member, (...args: never[]) => infer R>>
            ? R
            : never
        : never
>;
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (each: infer I) => void ? I : never;
type Names<S> = S extends { confidential?: readonly (infer Name)[] } ? Name : never;

/** Every setting that is no secret, checked and with its default filled in. */
export type Settings = Results<"settings">;

/** What decides which resources there are. */
export type Structure = Results<"structure">;

/** The arguments that are never left out. */
export type Presets = Required<Pick<PlainArgs, keyof Results<"preset"> & keyof PlainArgs>>;

export type Confidential = Pick<PlainArgs, Names<(typeof all)[number]>>;

/** What of the configuration may be a secret. */
export interface Secrets extends Omit<Confidential, "httpSecret"> {
    /** Signs the state of uploads, so that they survive a restart. */
    httpSecret: string;
    cache: Cache;
    server?: ServerKeyPair;
}

type Whole = RegistrySection<DeploymentArgs, unknown, Settings, Secrets, Presets, unknown, string>;

export const sections: readonly (Omit<Whole, "preset"> & { preset?(given: KnownArgs, name: string): object })[] = all;

/**
 * Keys of config.yml that arguments set, with the arguments. `extraConfig` may not set them as well: it could switch off TLS or
 * users, listen elsewhere, show secrets or keep the images in another place, and whatever is decided by the arguments
 * (validation, warnings, published ports, outputs) would not know.
 */
export const ownedKeys: ReadonlyMap<string, string> = new Map(
    sections.flatMap(({ keys = {} }) =>
        Object.entries(keys).flatMap(([key, [owner]]) => (owner === undefined ? [] : [[key, owner] as const])),
    ),
);
