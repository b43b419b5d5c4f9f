import type { Confidential, Secrets, Settings } from ".";
import { sections } from ".";
import { extraConfigProblems, merge, mergeExtraConfig } from "./extraConfig";
import type { Files, Port } from "./section";
import { renderYaml, type ConfigTree } from "./yaml";

/**
 * The text of `/etc/distribution/config.yml` for distribution 3.1.
 *
 * The whole configuration is in this one file and nothing in environment variables: those cannot express lists and nested
 * maps reliably, and `docker inspect` shows them.
 *
 * @throws Error for extra configuration that is wrong, or contradicts the rest.
 */
export function renderConfig(settings: Settings, secrets: Secrets): string {
    return renderYaml(mergedConfig(settings, secrets));
}

/**
 * What takes its place while garbage is collected: pulls go on, and pushes and deletes are answered by 405. Without a cache: it
 * would vouch for what is collected until it is flushed, and what has read from it before could write that into it afterwards.
 */
export function renderReadOnlyConfig(settings: Settings, secrets: Secrets): string {
    return renderYaml(
        merge(mergedConfig(settings, secrets), {
            storage: { cache: null, maintenance: { readonly: { enabled: true } } },
            redis: null,
            // Its port is the other process's until the last request there has ended.
            http: { debug: null },
        }),
    );
}

/**
 * How the configuration exposes a registry, without any secret: for labels of its container, where policies and people see it.
 * It does not depend on what is drawn or found out by an update, so that the first preview knows it.
 */
export function exposureOf(settings: Settings, confidential: Confidential) {
    const config = mergedConfig(settings, { ...confidential, httpSecret: "", cache: { kind: "none" } });
    const { auth = {}, http } = config as unknown as Exposure;
    return {
        auth: Object.keys(auth)[0] ?? "none",
        tls: http.tls?.minimumtls ?? "none",
        listens: http.addr,
        ...(http.debug && { debug: http.debug.addr, metrics: String(http.debug.prometheus.enabled) }),
    };
}

/** The keys of config.yml that decide about it. */
interface Exposure {
    auth?: object;
    http: {
        addr: string;
        tls?: { minimumtls: string };
        debug?: { addr: string; prometheus: { enabled: boolean } };
    };
}

function mergedConfig(settings: Settings, secrets: Secrets): ConfigTree {
    const config = sections
        .flatMap(({ keys = {} }) => Object.entries(keys))
        .map(([key, [, render]]) => ({ key, value: render?.(settings, secrets) }))
        .filter(({ value }) => value !== undefined)
        .map(({ key, value }) => key.split(".").reduceRight((inner, name) => ({ [name]: inner }), value))
        .reduce<ConfigTree>((whole, part) => merge(whole, part as ConfigTree), { version: 0.1 });
    const problems = extraConfigProblems(secrets.extraConfig ?? "", config);
    if (problems.length > 0) {
        throw new Error(problems.join("\n"));
    }
    return mergeExtraConfig(config, secrets.extraConfig);
}

/** The files that it names, without the users, which are read again when they change. */
export function configFiles(settings: Settings, secrets: Secrets): Files {
    return Object.assign({}, ...sections.map((section) => section.files?.(settings, secrets))) as Files;
}

/** Environment variables of the registry. */
export function environment(settings: Settings): string[] {
    return sections.flatMap((section) => section.environment?.(settings) ?? []);
}

/** What is open on the NAS. */
export function portsOf(settings: Settings): Port[] {
    return sections.flatMap((section) => section.ports?.(settings) ?? []);
}
