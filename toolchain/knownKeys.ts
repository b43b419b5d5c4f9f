import * as fs from "node:fs";
import * as path from "node:path";

import type { Schema } from "../components/settings/schema";
import { formatted } from "./argumentsSchema";
import { ensureRegistrySchema, registrySources, repositoryRoot } from "./goPrograms";
import { run } from "./process";

export const knownKeysFile = path.join(repositoryRoot, "components", "registry", "sections", "knownKeys.json");

const DURATION = String.raw`(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)`;
const isDuration = { type: "string", pattern: `^[-+]?${DURATION}(${DURATION})*$` };
const durationTitle = "a duration with its unit, such as 90s or 24h; distribution takes a bare number for nanoseconds";
const definitions = {
    // Distribution would take 0755 for text in one place and for 493 in another.
    string: { type: "string", title: "a string; put it in quotes" },
    boolean: { type: "boolean", title: "true or false, without quotes" },
    integer: { type: "integer", title: "a whole number, without quotes" },
    duration: { anyOf: [isDuration, { const: 0 }], title: durationTitle },
    durationText: { ...isDuration, title: durationTitle },
};

const a = (kind: keyof typeof definitions): Schema => ({ $ref: `#/definitions/${kind}` });
const [string, integer, boolean, durationText] = [a("string"), a("integer"), a("boolean"), a("durationText")];
const any = {};
const oneOf = (...values: string[]): Schema => ({ enum: values, title: `one of ${values.join(", ")}` });
const keys = (properties: Record<string, Schema>): Schema => ({
    type: "object",
    properties,
    additionalProperties: false,
    title: "a mapping",
});
const mapOf = (additionalProperties: Schema): Schema => ({ type: "object", additionalProperties, title: "a mapping" });
const listOf = (items: Schema): Schema => ({
    type: "array",
    items,
    title: items === string ? "a list of strings" : "a list",
});

/** The keys of storage that are no driver; the program asks for them one by one. */
const storageKeys: Record<string, Schema> = {
    cache: keys({
        blobdescriptor: oneOf("redis", "inmemory"),
        blobdescriptorsize: integer,
        layerinfo: oneOf("redis", "inmemory"),
    }),
    delete: keys({ enabled: boolean }),
    maintenance: keys({
        readonly: keys({ enabled: boolean }),
        uploadpurging: keys({ enabled: boolean, age: durationText, interval: durationText, dryrun: boolean }),
    }),
    redirect: keys({ disable: boolean }),
    tag: keys({ concurrencylimit: integer }),
};

/** What neither the types of the configuration nor the drivers' calls say of a key. */
const corrections: Record<string, Schema> = {
    version: { enum: [0.1, "0.1"], title: "0.1, distribution's only one" },
    loglevel: oneOf("error", "warn", "info", "debug"),
    "log.level": oneOf("error", "warn", "info", "debug"),
    "log.formatter": oneOf("text", "json", "logstash"),
    "http.net": oneOf("tcp", "unix"),
    "http.tls.minimumtls": oneOf("tls1.2", "tls1.3"),
    "http.tls.clientauth": oneOf(
        "request-client-cert",
        "require-any-client-cert",
        "verify-client-cert-if-given",
        "require-and-verify-client-cert",
    ),
    "validation.manifests.indexes.platforms": oneOf("all", "none", "list"),
    "storage.filesystem.maxthreads": integer,
    "storage.azure.credentials.type": oneOf("client_secret", "shared_key", "default_credentials"),
    "storage.azure.retry_delay": durationText,
    "storage.gcs.chunksize": integer,
    // The content of a service account's key file.
    "storage.gcs.credentials": mapOf(string),
    "storage.gcs.maxconcurrency": integer,
    ...Object.fromEntries(
        ["s3", "s3aws"].map((driver) => [
            `storage.${driver}.loglevel`,
            oneOf(
                "off",
                "debug",
                "debugwithsigning",
                "debugwithhttpbody",
                "debugwithrequestretries",
                "debugwithrequesterrors",
                "debugwitheventstreambody",
            ),
        ]),
    ),
    "auth.token.autoredirect": boolean,
    "auth.token.signingalgorithms": listOf(string),
    "middleware.storage[].options.duration": durationText,
    "middleware.storage[].options.updatefrequency": durationText,
    "middleware.storage[].options.updatefrenquency": durationText,
    "middleware.storage[].options.ipfilteredby": oneOf("none", "aws", "awsregion"),
};

/** A test hands it over in Go; no configuration can. */
const NO_KEY = "overrideDummyHash";

/** Keys of distribution 2, and of its manual, that distribution 3 does not read, with what to do about each. */
const formerKeys: Record<string, string> = {
    "redis.addr": "did you mean 'redis.addrs', a list?",
    "redis.pool": "did you mean 'redis.maxidleconns', 'redis.maxactiveconns' and 'redis.connmaxidletime'?",
    "redis.tls.enabled":
        "TLS is on as soon as 'redis.tls.rootcas', or 'redis.tls.certificate' and 'redis.tls.key', are set.",
    compatibility: "it has no manifests of schema 1 any more.",
    reporting: "it does not report to Bugsnag and New Relic any more.",
    "storage.oss": "it has no driver for Alibaba OSS any more.",
    "storage.swift": "it has no driver for OpenStack Swift any more.",
};

/**
 * Every key that the registry reads in config.yml, as a JSON Schema. It passes over all others without a word, so a misspelled
 * key is a setting that is not there.
 *
 * From `configuration.Configuration` and, for what that leaves open (storage, auth, the options of middleware), from the
 * sources of what the program is linked with.
 *
 * @throws Error when the sources no longer have what is corrected here.
 */
export async function inferKnownKeys(): Promise<string> {
    const schema = titled(JSON.parse(await run(await ensureRegistrySchema(), [])) as Schema);
    const sources = await registrySources();
    const drivers = optionsOf(sources, "storage/driver/(?!middleware/)");
    const middleware = optionsOf(sources, "storage/driver/middleware/");
    compareStorageKeys(sources);
    Object.assign(schema.properties ?? {}, {
        storage: keys({ ...storageKeys, ...drivers }),
        auth: keys({ none: keys({}), ...optionsOf(sources, "auth/") }),
        middleware: keys({
            storage: middlewareOf(
                oneOf(...Object.keys(middleware)),
                keys(
                    Object.assign({}, ...Object.values(middleware).map(({ properties }) => properties)) as Record<
                        string,
                        Schema
                    >,
                ),
            ),
            // Read, but the official image has no middleware for these two.
            registry: middlewareOf(string, mapOf(any)),
            repository: middlewareOf(string, mapOf(any)),
        }),
    });
    Object.entries(corrections).forEach(([key, correct]) => replace(schema, key, correct));
    return formatted(knownKeysFile, {
        $comment: "Generated from distribution's sources by npm run known-keys; do not edit.",
        ...schema,
        definitions,
        drivers: Object.keys(drivers),
        formerKeys,
    });
}

/** A type of Go, with what it is called in a sentence. */
function titled({ type, $ref, properties, additionalProperties, items }: Schema): Schema {
    if (properties) {
        const inner = Object.entries(properties).map(([name, each]) => [name, titled(each)] as const);
        return keys(Object.fromEntries(inner));
    }
    if (items) {
        const inner = titled(items);
        return listOf(items.type === "string" ? string : inner);
    }
    if (additionalProperties) {
        return mapOf(titled(additionalProperties));
    }
    return typeof $ref === "string" ? { $ref } : type ? a(type as keyof typeof definitions) : any;
}

/** Which of the options are read depends on the name. */
function middlewareOf(name: Schema, options: Schema): Schema {
    return listOf(keys({ name, disabled: boolean, options }));
}

/** What each package that the program is linked with reads, by the names under which it registers itself. */
function optionsOf(sources: string, kind: string): Record<string, Schema> {
    const main = fs.readFileSync(path.join(sources, "cmd/registry/main.go"), "utf8");
    const packages = [...main.matchAll(new RegExp(`_ ".*/registry/(${kind}[^"]+)"`, "g"))].map(
        ([, name]) => name ?? "",
    );
    return Object.fromEntries(
        packages.flatMap((name) => {
            const text = goText(path.join(sources, "registry", name));
            const names = namesIn(text, /\.Register\("(\w+)"/g, /\bdriverName\s+= "(\w+)"/g);
            return names.map((each) => [each, keys(optionsIn(text))] as const);
        }),
    );
}

function goText(folder: string): string {
    const files = fs.readdirSync(folder).filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"));
    return files.map((file) => fs.readFileSync(path.join(folder, file), "utf8")).join("\n");
}

/** Every key that a source asks its parameters for; a text where the call does not say otherwise. */
function optionsIn(text: string): Record<string, Schema> {
    const [, listed = ""] = /\bkeys := \[\]string\{(.*)\}/.exec(text) ?? [];
    const strings = [
        ...namesIn(text, /\b(?:parameters|options)\["(\w+)"\]/g, /getStringOption\("(\w+)"/g),
        ...namesIn(listed, /"(\w+)"/g),
    ];
    const booleans = namesIn(text, /getParameterAsBool\(parameters, "(\w+)"/g);
    const integers = namesIn(text, /getParameterAsInteger(?:\[\w+\])?\(parameters, "(\w+)"/g);
    return {
        ...Object.fromEntries(strings.filter((name) => name !== NO_KEY).map((name) => [name, string])),
        ...Object.fromEntries(booleans.map((name) => [name, boolean])),
        ...Object.fromEntries(integers.map((name) => [name, integer])),
        ...fieldsOf("DriverParameters", text),
    };
}

function namesIn(text: string, ...patterns: RegExp[]): string[] {
    return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name ?? ""));
}

/** The fields of a Go struct into which parameters are decoded. */
function fieldsOf(struct: string, text: string): Record<string, Schema> {
    const [, body = ""] = new RegExp(`\\btype ${struct} struct \\{([^}]*)\\}`).exec(text) ?? [];
    return Object.fromEntries(
        [...body.matchAll(/(\w+)\s+`mapstructure:"(\w+)"`/g)].map(([, type = "", name = ""]) => {
            const inner = fieldsOf(type, text);
            const scalar = type === "bool" ? boolean : type === "int" ? integer : string;
            return [name, Object.keys(inner).length > 0 ? keys(inner) : scalar];
        }),
    );
}

function compareStorageKeys(sources: string): void {
    const app = fs.readFileSync(path.join(sources, "registry/handlers/app.go"), "utf8");
    // The one section that is asked for by a function of the parser.
    const read = ["tag", ...namesIn(app, /\b(?:Storage|mc|readOnly|config|d|p|redirectConfig|cc)\["(\w+)"\]/g)];
    const namesOf = (properties: Record<string, Schema>): string[] =>
        Object.entries(properties).flatMap(([name, each]) => [name, ...namesOf(each.properties ?? {})]);
    const sorted = (names: string[]) => [...new Set(names)].sort().join(" ");
    if (sorted(read) !== sorted(namesOf(storageKeys))) {
        throw new Error(`distribution reads other keys of storage than toolchain/knownKeys.ts has: ${sorted(read)}`);
    }
}

function replace(schema: Schema, key: string, correct: Schema): void {
    const names = key.split(".");
    const last = names.pop() ?? "";
    const holder = names.reduce((at: Schema | undefined, name) => {
        const inner = at?.properties?.[name.replace("[]", "")];
        return name.endsWith("[]") ? inner?.items : inner;
    }, schema);
    if (!holder?.properties?.[last]) {
        throw new Error(`distribution has no key ${key}, which toolchain/knownKeys.ts corrects`);
    }
    holder.properties[last] = correct;
}
