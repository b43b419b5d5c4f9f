import type * as pulumi from "@pulumi/pulumi";

import { renderAuth, type AuthMode, type TokenAuthArgs } from "./auth";
import { renderCache, type Cache } from "./cache";
import { extraConfigProblems, mergeExtraConfig } from "./extraConfig";
import { renderHttp, type HttpSettings } from "./http";
import { renderLog, type LogSettings } from "./logging";
import { renderManifestValidation, type ManifestValidationArgs } from "./manifests";
import { renderNotifications, type NotificationsArgs } from "./notifications";
import { renderStorage, type StorageArgs } from "./storage";
import { renderUpstream, type UpstreamArgs } from "./upstream";
import { renderYaml, type ConfigTree } from "./yaml";

/** When uploads that nobody ended are removed. */
export interface UploadPurgingArgs {
    /** Removes them. @default true */
    enabled?: pulumi.Input<boolean>;
    /** Time that an upload may take. @default "168h" */
    age?: pulumi.Input<string>;
    /** Time between two looks. @default "24h" */
    interval?: pulumi.Input<string>;
    /** Logs what would be removed, and removes nothing. @default false */
    dryRun?: pulumi.Input<boolean>;
}

/** What of the configuration is no secret. */
export interface OpenSettings extends HttpSettings, LogSettings {
    auth: AuthMode;
    deletes: boolean;
    readOnly: boolean;
    /** Nothing: where clients can be expected to reach the object storage. */
    redirect: boolean | undefined;
    tagConcurrency: number;
    uploadPurging: Required<pulumi.Unwrap<UploadPurgingArgs>>;
    validation: pulumi.Unwrap<ManifestValidationArgs>;
}

/** What of the configuration may be a secret. */
export interface ConfidentialSettings {
    /** Signs the state of uploads, so that they survive a restart. */
    httpSecret: string;
    cache: Cache;
    token?: pulumi.Unwrap<TokenAuthArgs> | undefined;
    storage?: pulumi.Unwrap<StorageArgs> | undefined;
    notifications?: pulumi.Unwrap<NotificationsArgs> | undefined;
    upstream?: pulumi.Unwrap<UpstreamArgs> | undefined;
    /** YAML, merged last. */
    extraConfig?: string | undefined;
}

/**
 * The text of `/etc/distribution/config.yml` for distribution 3.1.
 *
 * The whole configuration is in this one file and nothing in environment variables: those cannot express lists and nested
 * maps reliably, and `docker inspect` shows them.
 *
 * @throws Error for extra configuration that is wrong, or contradicts the rest.
 */
export function renderConfig(open: OpenSettings, confidential: ConfidentialSettings): string {
    return renderYaml(mergedConfig(open, confidential));
}

/**
 * How the configuration exposes a registry, without any secret: for labels of its container, where policies and people see it.
 * It does not depend on what is drawn or found out by an update, so that the first preview knows it.
 */
export function exposureOf(open: OpenSettings, given: Omit<ConfidentialSettings, "httpSecret" | "cache">) {
    const config = mergedConfig(open, { ...given, httpSecret: "", cache: { kind: "none" } });
    const { auth = {}, http } = config as { auth?: object; http: ReturnType<typeof renderHttp> };
    return {
        auth: Object.keys(auth)[0] ?? "none",
        tls: http.tls?.minimumtls ?? "none",
        listens: http.addr,
        ...(http.debug && { debug: http.debug.addr, metrics: String(http.debug.prometheus.enabled) }),
    };
}

function mergedConfig(open: OpenSettings, confidential: ConfidentialSettings): ConfigTree {
    const config = configOf(open, confidential) as ConfigTree;
    const problems = extraConfigProblems(confidential.extraConfig ?? "", config);
    if (problems.length > 0) {
        throw new Error(problems.join("\n"));
    }
    return mergeExtraConfig(config, confidential.extraConfig);
}

function configOf(open: OpenSettings, confidential: ConfidentialSettings): object {
    const { cache, redis } = { redis: undefined, cache: undefined, ...renderCache(confidential.cache) };
    const { notifications, upstream, storage } = confidential;
    // A server of one's own has a name and a certificate that clients need not know.
    const redirect = open.redirect ?? storage?.s3?.regionEndpoint === undefined;
    return {
        version: 0.1,
        log: renderLog(open),
        storage: {
            ...renderStorage(storage),
            delete: { enabled: open.deletes },
            ...(cache && { cache }),
            ...(!redirect && { redirect: { disable: true } }),
            tag: { concurrencylimit: open.tagConcurrency },
            // Must stay: without a mapping in a mapping here, the debug server's /debug/vars shows the whole configuration with
            // its secrets.
            maintenance: {
                // All of age, interval and dryrun are required once the block is there.
                uploadpurging: {
                    enabled: open.uploadPurging.enabled,
                    age: open.uploadPurging.age,
                    interval: open.uploadPurging.interval,
                    dryrun: open.uploadPurging.dryRun,
                },
                readonly: { enabled: open.readOnly },
            },
        },
        ...renderAuth(open.auth, confidential.token),
        http: renderHttp(open, confidential.httpSecret),
        ...(redis && { redis }),
        ...(notifications && { notifications: renderNotifications(notifications) }),
        ...(upstream && { proxy: renderUpstream(upstream) }),
        validation: renderManifestValidation(open.validation),
        // Asks the storage only: a check of Redis would answer 503 to every pull while Redis restarts.
        health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
    };
}
