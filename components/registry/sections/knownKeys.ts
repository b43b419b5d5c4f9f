/**
 * What distribution takes as the value of a key:
 * - a scalar by its name; `duration` is text with a unit such as `90s`, or 0; `durationText` may not be 0; `any` is not looked at
 * - a set: one of these strings
 * - an array of one kind: a list of it
 * - an object: a mapping with these keys; the key `*` stands for all that are not named
 */
export type Kind =
    | "string"
    | "boolean"
    | "integer"
    | "duration"
    | "durationText"
    | "version"
    | "any"
    | ReadonlySet<string>
    | [Kind]
    | Keys;

export interface Keys {
    readonly [key: string]: Kind;
}

const oneOf = (...values: string[]): ReadonlySet<string> => new Set(values);

const headers = { "*": ["string"] } satisfies Keys;
const logLevel = oneOf("error", "warn", "info", "debug");

/** The keys of storage that are not a driver. */
export const storageKeys = {
    cache: {
        blobdescriptor: oneOf("redis", "inmemory"),
        blobdescriptorsize: "integer",
        layerinfo: oneOf("redis", "inmemory"),
    },
    delete: { enabled: "boolean" },
    maintenance: {
        readonly: { enabled: "boolean" },
        uploadpurging: { enabled: "boolean", age: "durationText", interval: "durationText", dryrun: "boolean" },
    },
    redirect: { disable: "boolean" },
    tag: { concurrencylimit: "integer" },
} satisfies Keys;

const s3 = {
    accelerate: "boolean",
    accesskey: "string",
    bucket: "string",
    chunksize: "integer",
    encrypt: "boolean",
    forcepathstyle: "boolean",
    keyid: "string",
    loglevel: oneOf(
        "off",
        "debug",
        "debugwithsigning",
        "debugwithhttpbody",
        "debugwithrequestretries",
        "debugwithrequesterrors",
        "debugwitheventstreambody",
    ),
    multipartcopychunksize: "integer",
    multipartcopymaxconcurrency: "integer",
    multipartcopythresholdsize: "integer",
    objectacl: "string",
    redirectendpoint: "string",
    region: "string",
    regionendpoint: "string",
    rootdirectory: "string",
    secretkey: "string",
    secure: "boolean",
    skipverify: "boolean",
    storageclass: "string",
    usedualstack: "boolean",
    usefipsendpoint: "boolean",
    useragent: "string",
    v4auth: "boolean",
} satisfies Keys;

/** The storage drivers of the official image; a configuration has one of them. */
export const storageDrivers = {
    filesystem: { rootdirectory: "string", maxthreads: "integer" },
    inmemory: {},
    s3,
    s3aws: s3,
    azure: {
        accountkey: "string",
        accountname: "string",
        connectionstring: "string",
        container: "string",
        credentials: {
            type: oneOf("client_secret", "shared_key", "default_credentials"),
            clientid: "string",
            tenantid: "string",
            secret: "string",
        },
        max_retries: "integer",
        realm: "string",
        retry_delay: "durationText",
        rootdirectory: "string",
        serviceurl: "string",
        skipverify: "boolean",
    },
    gcs: {
        bucket: "string",
        chunksize: "integer",
        // The content of a service account's key file.
        credentials: { "*": "string" },
        keyfile: "string",
        maxconcurrency: "integer",
        rootdirectory: "string",
        useragent: "string",
    },
} satisfies Keys;

/** The ways to authenticate; a configuration has at most one of them. */
export const authProviders = {
    none: {},
    htpasswd: { realm: "string", path: "string" },
    token: {
        autoredirect: "boolean",
        autoredirectpath: "string",
        issuer: "string",
        jwks: "string",
        realm: "string",
        rootcertbundle: "string",
        service: "string",
        signingalgorithms: ["string"],
    },
    silly: { realm: "string", service: "string" },
} satisfies Keys;

/** Which of the options are read depends on the name. */
const middleware = (name: Kind, options: Keys): Kind => [{ name, disabled: "boolean", options }];

/**
 * Every key that distribution 3.1.2 reads in config.yml. It passes over all others without a word, so a misspelled key is a
 * setting that is not there.
 *
 * From `configuration.Configuration` and, for what that leaves open (storage, auth, the options of middleware), from the
 * code of each driver. tests/registry compares it with both.
 */
export const knownKeys = {
    version: "version",
    loglevel: logLevel,
    log: {
        accesslog: { disabled: "boolean" },
        level: logLevel,
        formatter: oneOf("text", "json", "logstash"),
        fields: { "*": "any" },
        hooks: [
            {
                disabled: "boolean",
                type: "string",
                levels: ["string"],
                options: {
                    smtp: { addr: "string", username: "string", password: "string", insecure: "boolean" },
                    from: "string",
                    to: ["string"],
                },
            },
        ],
        reportcaller: "boolean",
    },
    storage: { ...storageKeys, ...storageDrivers },
    auth: authProviders,
    middleware: {
        storage: middleware(oneOf("cloudfront", "redirect", "rewrite"), {
            // cloudfront, redirect
            baseurl: "string",
            // cloudfront
            awsregion: "string",
            duration: "durationText",
            ipfilteredby: oneOf("none", "aws", "awsregion"),
            iprangesurl: "string",
            keypairid: "string",
            privatekey: "string",
            updatefrequency: "durationText",
            updatefrenquency: "durationText",
            // rewrite
            host: "string",
            scheme: "string",
            trimpathprefix: "string",
        }),
        // Read, but the official image has no middleware for these two.
        registry: middleware("string", { "*": "any" }),
        repository: middleware("string", { "*": "any" }),
    },
    http: {
        addr: "string",
        net: oneOf("tcp", "unix"),
        host: "string",
        prefix: "string",
        secret: "string",
        relativeurls: "boolean",
        draintimeout: "duration",
        tls: {
            certificate: "string",
            key: "string",
            clientcas: ["string"],
            clientauth: oneOf(
                "request-client-cert",
                "require-any-client-cert",
                "verify-client-cert-if-given",
                "require-and-verify-client-cert",
            ),
            minimumtls: oneOf("tls1.2", "tls1.3"),
            ciphersuites: ["string"],
            letsencrypt: { cachefile: "string", email: "string", hosts: ["string"], directoryurl: "string" },
        },
        headers,
        debug: { addr: "string", prometheus: { enabled: "boolean", path: "string" } },
        http2: { disabled: "boolean" },
        h2c: { enabled: "boolean" },
    },
    notifications: {
        events: { includereferences: "boolean" },
        endpoints: [
            {
                name: "string",
                disabled: "boolean",
                url: "string",
                headers,
                timeout: "duration",
                threshold: "integer",
                backoff: "duration",
                ignoredmediatypes: ["string"],
                ignore: { mediatypes: ["string"], actions: ["string"] },
            },
        ],
    },
    redis: {
        addrs: ["string"],
        clientname: "string",
        connmaxidletime: "duration",
        connmaxlifetime: "duration",
        contexttimeoutenabled: "boolean",
        db: "integer",
        dialtimeout: "duration",
        disableidentity: "boolean",
        identitysuffix: "string",
        mastername: "string",
        maxactiveconns: "integer",
        maxidleconns: "integer",
        maxredirects: "integer",
        maxretries: "integer",
        maxretrybackoff: "duration",
        minidleconns: "integer",
        minretrybackoff: "duration",
        password: "string",
        poolfifo: "boolean",
        poolsize: "integer",
        pooltimeout: "duration",
        protocol: "integer",
        readonly: "boolean",
        readtimeout: "duration",
        routebylatency: "boolean",
        routerandomly: "boolean",
        sentinelpassword: "string",
        sentinelusername: "string",
        tls: { certificate: "string", key: "string", rootcas: ["string"] },
        unstableresp3: "boolean",
        username: "string",
        writetimeout: "duration",
    },
    health: {
        file: [{ file: "string", interval: "duration", threshold: "integer" }],
        http: [
            {
                uri: "string",
                headers,
                // The only field without a name for YAML, so its lower-cased own name.
                statuscode: "integer",
                timeout: "duration",
                interval: "duration",
                threshold: "integer",
            },
        ],
        tcp: [{ addr: "string", timeout: "duration", interval: "duration", threshold: "integer" }],
        storagedriver: { enabled: "boolean", interval: "duration", threshold: "integer" },
    },
    catalog: { maxentries: "integer" },
    tags: { maxtags: "integer" },
    proxy: {
        remoteurl: "string",
        username: "string",
        password: "string",
        exec: { command: "string", lifetime: "duration" },
        ttl: "duration",
        cachewritetimeout: "duration",
    },
    validation: {
        enabled: "boolean",
        disabled: "boolean",
        manifests: {
            urls: { allow: ["string"], deny: ["string"] },
            indexes: {
                platforms: oneOf("all", "none", "list"),
                platformlist: [{ architecture: "string", os: "string" }],
            },
        },
    },
    policy: { repository: { classes: ["string"] } },
} satisfies Keys;

/** Keys of distribution 2, and of its manual, that distribution 3 does not read, with what to do about each. */
export const formerKeys: ReadonlyMap<string, string> = new Map([
    ["redis.addr", "did you mean 'redis.addrs', a list?"],
    ["redis.pool", "did you mean 'redis.maxidleconns', 'redis.maxactiveconns' and 'redis.connmaxidletime'?"],
    [
        "redis.tls.enabled",
        "TLS is on as soon as 'redis.tls.rootcas', or 'redis.tls.certificate' and 'redis.tls.key', are set.",
    ],
    ["compatibility", "it has no manifests of schema 1 any more."],
    ["reporting", "it does not report to Bugsnag and New Relic any more."],
    ["storage.oss", "it has no driver for Alibaba OSS any more."],
    ["storage.swift", "it has no driver for OpenStack Swift any more."],
]);
