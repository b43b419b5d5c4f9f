import type * as pulumi from "@pulumi/pulumi";

import { DATA_MOUNT } from "./container";
import { bytesIn, checkReaches, loopbackIn, type Networked, type Plain, section } from "./section";

/** A bucket that speaks S3. Every parameter of the registry's driver `s3`. */
export interface S3StorageArgs {
    /** Name of the bucket; it must exist. @is nameOf bucket */
    bucket: pulumi.Input<string>;
    /** Region; required without `regionEndpoint`. @default "us-east-1" with `regionEndpoint` @is name */
    region?: pulumi.Input<string>;
    /** URL of another server than Amazon's. @default Amazon's of the region @example "https://s3.lan:9000" @is webUrl */
    regionEndpoint?: pulumi.Input<string>;
    /** Puts the bucket into the path and not into the host's name. @default true with `regionEndpoint`, else false */
    forcePathStyle?: pulumi.Input<boolean>;
    /** Access key. @default none */
    accessKey?: pulumi.Input<string>;
    /** Secret key; a secret. @default none */
    secretKey?: pulumi.Input<string>;
    /** Asks the server to encrypt what it stores. @default false */
    encrypt?: pulumi.Input<boolean>;
    /** Id of the KMS key for `encrypt`. @default the bucket's own */
    keyId?: pulumi.Input<string>;
    /** HTTPS, where the endpoint names no scheme. @default true */
    secure?: pulumi.Input<boolean>;
    /** Takes any server certificate. @default false */
    skipVerify?: pulumi.Input<boolean>;
    /** Signature version 4. @default true */
    v4Auth?: pulumi.Input<boolean>;
    /** Size of one part of an upload, at least `5m`. @default "10m" @is size 5m..5g */
    chunkSize?: pulumi.Input<string>;
    /** Size of one part of a copy, at least `5m`. @default "32m" @is size 5m..5g */
    multipartCopyChunkSize?: pulumi.Input<string>;
    /** Parts of a copy at once. @default 100 @is whole 1..10000 */
    multipartCopyMaxConcurrency?: pulumi.Input<number>;
    /** Size from which on a copy is made in parts. @default "32m" @is size 0..5g */
    multipartCopyThresholdSize?: pulumi.Input<string>;
    /** Prefix of all keys. @default none */
    rootDirectory?: pulumi.Input<string>;
    /**
     * Storage class, for instance `STANDARD_IA` or `NONE`. @default "STANDARD"
     * @is oneOf NONE STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING OUTPOSTS GLACIER_IR EXPRESS_ONEZONE
     */
    storageClass?: pulumi.Input<string>;
    /** User-Agent of requests. @default the library's */
    userAgent?: pulumi.Input<string>;
    /**
     * Canned access control list of objects. @default "private"
     * @is oneOf private public-read public-read-write authenticated-read aws-exec-read bucket-owner-read
     * bucket-owner-full-control
     */
    objectAcl?: pulumi.Input<string>;
    /** Amazon's addresses that also answer on IPv6. @default false */
    useDualStack?: pulumi.Input<boolean>;
    /** Amazon's transfer acceleration. @default false */
    accelerate?: pulumi.Input<boolean>;
    /** Amazon's FIPS endpoints. @default false */
    useFipsEndpoint?: pulumi.Input<boolean>;
    /** URL that clients are sent to in place of `regionEndpoint`. @default `regionEndpoint` @is serverUrl */
    redirectEndpoint?: pulumi.Input<string>;
    /** What the library logs, for instance `debug`; it may log keys. @default "off" @is wordOf storage.s3.loglevel */
    logLevel?: pulumi.Input<string>;
}

/** How the registry logs in to Azure. */
export interface AzureCredentialsArgs {
    /** `client_secret`, `shared_key` or `default_credentials`. @is wordOf storage.azure.credentials.type */
    type: pulumi.Input<string>;
    /** Client id, for `client_secret`. @default none */
    clientId?: pulumi.Input<string>;
    /** Tenant id, for `client_secret`. @default none */
    tenantId?: pulumi.Input<string>;
    /** Client secret; a secret. @default none */
    secret?: pulumi.Input<string>;
}

/** A container of Azure Blob Storage. Every parameter of the registry's driver `azure`. */
export interface AzureStorageArgs {
    /** Storage account. @is nameOf storage account */
    accountName: pulumi.Input<string>;
    /** Container; it must exist. @is nameOf container */
    container: pulumi.Input<string>;
    /** Key of the account, for `shared_key`; a secret. @default none */
    accountKey?: pulumi.Input<string>;
    /** How to log in. @default none */
    credentials?: pulumi.Input<AzureCredentialsArgs>;
    /** Connection string in place of key and credentials; a secret. @default none */
    connectionString?: pulumi.Input<string>;
    /** Domain of the service. @default "core.windows.net" @is host */
    realm?: pulumi.Input<string>;
    /** URL of the service. @default `https://<accountName>.blob.<realm>` @is webUrl */
    serviceUrl?: pulumi.Input<string>;
    /** Prefix of all names. @default none */
    rootDirectory?: pulumi.Input<string>;
    /** Tries of one request. @default 5 @is whole 1..1000 */
    maxRetries?: pulumi.Input<number>;
    /** Time before the first retry. @default "100ms" @is duration 1ms..1h */
    retryDelay?: pulumi.Input<string>;
    /** Takes any server certificate. @default false */
    skipVerify?: pulumi.Input<boolean>;
}

/** A bucket of Google Cloud Storage. Every parameter of the registry's driver `gcs`. */
export interface GcsStorageArgs {
    /** Name of the bucket; it must exist. @is nameOf bucket */
    bucket: pulumi.Input<string>;
    /** Key of a service account, JSON text; a secret. @is secret serviceAccount */
    credentials: pulumi.Input<string>;
    /** Prefix of all names. @default none */
    rootDirectory?: pulumi.Input<string>;
    /** Size of one part of an upload, a multiple of `256k`. @default "16m" @is multipleOf 256k */
    chunkSize?: pulumi.Input<string>;
    /** User-Agent of requests. @default the library's */
    userAgent?: pulumi.Input<string>;
    /** Operations at once, at least 25. @default 50 @is whole 25..10000 */
    maxConcurrency?: pulumi.Input<number>;
}

/** Where images are kept when not in the NAS's data directory; exactly one of these. */
export interface StorageArgs {
    /** A bucket that speaks S3. @default none */
    s3?: pulumi.Input<S3StorageArgs>;
    /** A container of Azure Blob Storage. @default none */
    azure?: pulumi.Input<AzureStorageArgs>;
    /** A bucket of Google Cloud Storage. @default none */
    gcs?: pulumi.Input<GcsStorageArgs>;
}

/** Where images are kept when not on the NAS. */
export interface ObjectStorageArgs {
    /** Where images are kept. @default `dataDirectory` @example { s3: { bucket: "images", region: "eu-central-1" } } */
    storage?: pulumi.Input<StorageArgs>;
}

/** How clients get images from there. */
export interface RedirectArgs {
    /**
     * Sends clients to the object storage for blobs, whose address they must reach and trust. The NAS's disks never do.
     * @default true, and false with `storage.s3.regionEndpoint`
     */
    redirect?: pulumi.Input<boolean>;
}

export const storage = section<ObjectStorageArgs & RedirectArgs & Networked>()({
    confidential: ["storage"],
    check: (problems, { storage, ...args }) => {
        const given = Object.keys(storage ?? {});
        if (storage && given.length !== 1) {
            problems.add(
                `storage: ${given.join(" and ") || "nothing"} is not allowed; give exactly one of s3, azure, gcs, or leave storage out for the NAS's own disks.`,
            );
        }
        const { s3, azure } = storage ?? {};
        checkReaches(problems, "storage.s3.regionEndpoint", s3?.regionEndpoint, args);
        checkReaches(problems, "storage.azure.serviceUrl", azure?.serviceUrl, args);
        const host = loopbackIn(s3?.redirectEndpoint ?? s3?.regionEndpoint);
        if (args.redirect && host) {
            problems.add(
                `redirect: true is not allowed with a storage at ${host}, where clients would look on their own machines; leave it out, or give storage.s3.redirectEndpoint.`,
            );
        }
        if (s3 && "accessKey" in s3 !== "secretKey" in s3) {
            problems.add("storage.s3: accessKey and secretKey go together; give both or neither.");
        }
        if (s3 && !("region" in s3) && !("regionEndpoint" in s3)) {
            problems.add(
                "storage.s3.region: it is missing; give Amazon's region, or regionEndpoint for another server.",
            );
        }
        if (s3?.accelerate && s3.regionEndpoint) {
            problems.add("storage.s3.accelerate: it is Amazon's alone and does not go with regionEndpoint.");
        }
    },
    idle: ({ storage, redirect }) => ({
        redirect: !storage && "images on the NAS's disks, since there is no storage",
        "storage.s3.redirectEndpoint": storage?.s3?.regionEndpoint && !redirect && "redirect false, its default here",
        "storage.s3.keyId": !storage?.s3?.encrypt && "encrypt false",
    }),
    /** Undefined where clients can be expected to reach the object storage. */
    settings: ({ redirect }) => ({ redirect }),
    keys: {
        "storage.filesystem.rootdirectory": [
            "dataDirectory or storage",
            (_, { storage }) => (storage ? undefined : DATA_MOUNT),
        ],
        "storage.s3": ["storage", (_, { storage }) => storage?.s3 && renderS3(storage.s3)],
        "storage.s3aws": ["storage"],
        "storage.azure": ["storage", (_, { storage }) => storage?.azure && renderAzure(storage.azure)],
        "storage.gcs": ["storage", (_, { storage }) => storage?.gcs && renderGcs(storage.gcs)],
        "storage.inmemory": ["storage"],
        "storage.redirect": [
            "redirect",
            // A server of one's own has a name and a certificate that clients need not know.
            ({ redirect }, { storage }) =>
                (redirect ?? storage?.s3?.regionEndpoint === undefined) ? undefined : { disable: true },
        ],
        // Asks the storage only: a check of Redis would answer 503 to every pull while Redis restarts.
        health: [undefined, () => ({ storagedriver: { enabled: true, interval: "10s", threshold: 3 } })],
    },
});

function renderS3(s3: Plain<S3StorageArgs>): object {
    // Servers other than Amazon's know no regions, but a signature names one.
    const own = s3.regionEndpoint ? { forcepathstyle: true, region: "us-east-1" } : {};
    return { ...own, ...parameters(s3) };
}

function renderAzure({ maxRetries, retryDelay, credentials, ...others }: Plain<AzureStorageArgs>): object {
    return {
        ...parameters(others),
        credentials: credentials && parameters(credentials),
        // The only two that have underscores.
        max_retries: maxRetries,
        retry_delay: retryDelay,
    };
}

function renderGcs({ credentials, ...others }: Plain<GcsStorageArgs>): object {
    return { ...parameters(others), credentials: JSON.parse(credentials) as object };
}

/** The drivers' parameters are our names in lower case, and their sizes bytes. */
function parameters(args: object): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(args)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]: [string, unknown]) => [
                name.toLowerCase(),
                name.endsWith("Size") ? bytesIn(value as string) : value,
            ]),
    );
}
