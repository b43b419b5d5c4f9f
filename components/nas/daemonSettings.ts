import { isIP, SocketAddress } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import { isAuthority, isHost, isWebUrl, matches, type Problems } from "../checks";
import type { Known } from "../known";

/** What can be set in the Docker daemon's configuration. */
export interface DaemonSettingsArgs {
    insecureRegistries?: pulumi.Input<pulumi.Input<string>[]>;
    registryMirrors?: pulumi.Input<pulumi.Input<string>[]>;
    logDriver?: pulumi.Input<string>;
    logOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    restartTimeout?: pulumi.Input<number>;
}

export type DaemonSettings = pulumi.Unwrap<DaemonSettingsArgs>;

/** The settings as the daemon's own file has them, JSON; what is not given is not in it. */
export function renderDaemonSettings(settings: Omit<DaemonSettings, "restartTimeout">): string {
    const list = (entries: string[] | undefined) => (entries?.length ? [...new Set(entries)] : undefined);
    return JSON.stringify({
        "insecure-registries": list(settings.insecureRegistries),
        "registry-mirrors": list(settings.registryMirrors),
        "log-driver": settings.logDriver,
        "log-opts": settings.logOptions,
    });
}

export function checkDaemonSettings(problems: Problems, args: Known<DaemonSettingsArgs>): void {
    for (const each of args.insecureRegistries ?? []) {
        const rule =
            "host, host:port or a network such as 192.168.1.0/24, without http:// in front; the address of a network ends in zeros";
        problems.check("insecureRegistries", each, isInsecureRegistry, rule);
    }
    for (const each of args.registryMirrors ?? []) {
        // Engines before 25 refuse to start with a path.
        const isMirror = (value: string) => isWebUrl(value) && /^https?:\/\/[^/?#]+\/?$/.test(value);
        problems.check(
            "registryMirrors",
            each,
            isMirror,
            "an http or https URL without path, query, user and password",
        );
    }
    const driverRule = "the name of a log driver, for instance json-file or local";
    problems.check("logDriver", args.logDriver, matches(/^[a-z0-9][a-z0-9._/:-]*$/), driverRule);
    for (const [name, value] of Object.entries(args.logOptions ?? {})) {
        const isText = () => typeof value === "string";
        problems.checkSecret(
            `logOptions.${name}`,
            value,
            isText,
            'a text; the engine takes numbers as texts, too: "3"',
        );
    }
    problems.whole("restartTimeout", args.restartTimeout, 30, 3600, "seconds");
}

function isInsecureRegistry(value: string): boolean {
    const [address = "", bits] = value.split("/");
    return bits === undefined ? isAuthority(value) || isHost(value) : isNetwork(address, bits, value);
}

/** The engine shows a network by its first address, in the usual spelling; others could not be found again. */
function isNetwork(address: string, bits: string, value: string): boolean {
    const family = isIP(address);
    const size = family === 6 ? 128 : 32;
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > size || value.split("/").length > 2) {
        return false;
    }
    if (new SocketAddress({ address, family: family === 6 ? "ipv6" : "ipv4" }).address !== address) {
        return false;
    }
    const hostBits = BigInt(size) - BigInt(bits);
    return numberOf(address, family) % (1n << hostBits) === 0n;
}

function numberOf(address: string, family: number): bigint {
    if (family === 4) {
        return address.split(".").reduce((number, part) => number * 256n + BigInt(part), 0n);
    }
    const [left = "", right = ""] = address.split("::");
    const groups = (text: string) => text.split(":").filter(Boolean);
    const middle = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => "0");
    return [...groups(left), ...middle, ...groups(right)].reduce(
        (number, part) => number * 65536n + BigInt(`0x${part}`),
        0n,
    );
}
