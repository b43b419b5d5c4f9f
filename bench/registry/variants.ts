import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import type { PlainArgs } from "../../components/registry/sections";
import { HTPASSWD_FILE } from "../../components/registry/sections/auth";
import { renderRedisConfig, type Cache } from "../../components/registry/sections/cache";
import { configFiles, renderConfig } from "../../components/registry/sections/rendered";
import { merge } from "../../components/registry/sections/extraConfig";
import { renderYaml, type ConfigTree } from "../../components/registry/sections/yaml";
import { withDefaults } from "../../components/registry/settings";
import { renderHtpasswd, withPasswords } from "../../components/registry/users";
import { issue } from "../../tests/certificates";
import { repositoryRoot } from "../../toolchain";
import { COST_10, DECLARED, GUIDE, IN_MEMORY, NO_CACHE, OPEN } from "./names";

/** A registry that is measured. */
export interface Variant {
    readonly name: string;
    /** config.yml, as in the container. */
    readonly config: string;
    /** Files beside it. */
    readonly files: Readonly<Record<string, string>>;
    /** redis.conf, as in the container; none has no Redis. */
    readonly redis?: string;
    /** PEM of what signed its certificate; none speaks no TLS. */
    readonly ca?: string;
    readonly user?: { readonly name: string; readonly password: string };
}

const seed = Buffer.alloc(32, 7).toString("base64");
const secret = "0123456789".repeat(4);
const redis = { password: secret, socket: true };

/** All of them, the one that the others are compared with first. */
export async function variants(): Promise<Variant[]> {
    const authority = await issue("Registry CA", { authority: true, key: "rsa" });
    const server = await issue("registry", { issuer: authority, names: ["127.0.0.1"] });
    const own = (name: string, { cost, ...args }: Partial<PlainArgs> & { cost?: string } = {}): Variant => {
        const [user] = withPasswords([{ name: "ci" }], seed);
        if (!user) throw new Error("no user");
        const settings = withDefaults("registry", {
            vendor: "qnap",
            connection: { host: "127.0.0.1", hostKey: "ssh-ed25519 AAAA" },
            ...args,
        });
        const kind = args.cache ?? "redis";
        const cache: Cache = kind === "redis" ? { kind, ...redis } : { kind: kind as "none" };
        const secrets = { httpSecret: secret, cache, server };
        const files = {
            ...configFiles(settings, secrets),
            [HTPASSWD_FILE]:
                settings.auth === "htpasswd" ? renderHtpasswd([{ ...user, cost: cost ?? user.cost }], seed) : undefined,
        };
        const { redisMemory: memory } = settings;
        return {
            name,
            config: renderConfig(settings, secrets),
            files: Object.fromEntries(
                Object.entries(files).filter((file): file is [string, string] => file[1] !== undefined),
            ),
            redis: kind === "redis" ? renderRedisConfig({ memory, ...redis }) : undefined,
            ca: settings.tls === "none" ? undefined : authority.certificate,
            user: settings.auth === "htpasswd" ? user : undefined,
        };
    };
    return [
        guide(),
        own(DECLARED),
        own(COST_10, { cost: "10" }),
        own(IN_MEMORY, { cache: "inmemory" }),
        own(NO_CACHE, { cache: "none" }),
        own(OPEN, { tls: "none", auth: "none" }),
    ];
}

/** The guide's production tier: the image's own config.yml and its variables, the address of Redis where release 3 looks for it. */
function guide(): Variant {
    const image = fs.readFileSync(path.join(repositoryRoot, "lab/images/registry/config.yml"), "utf8");
    const variables = {
        http: { addr: "0.0.0.0:5000", secret },
        storage: { delete: { enabled: true }, cache: { blobdescriptor: "redis" } },
        redis: { addrs: ["redis:6379"] },
    };
    const config = renderYaml(merge(parse(image) as ConfigTree, variables));
    return { name: GUIDE, config, files: {}, redis: "port 6379\nbind * -::*\nprotected-mode no\n" };
}
