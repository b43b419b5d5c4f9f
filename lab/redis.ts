import { createHash, randomBytes } from "node:crypto";
import { filesFolder, serverFiles, Service, type Certify, type ServiceSurroundings } from "./service";

export interface RedisOptions {
    /** Names the server within its lab, and on the lab's network. */
    readonly name: string;
    /** @default anybody may do everything */
    readonly password?: string;
    /** The one user who has the password, and no right that a registry does not need. @default the default user */
    readonly user?: string;
    /** Speak TLS, and nothing else. @default no TLS */
    readonly tls?: Certify;
}

export const redisPort = 6379;

/** The lab's own user, for replicas and for looking inside. */
export const labUser = "lab";

/** All that the descriptor cache of distribution 3.1 does. */
const registryRights = "~blobs::* ~repository::* -@all +@read +@write +@connection +@transaction -@dangerous";

/** A Redis server outside the NASes: the lab's Redis image, as a cache that keeps nothing. */
export class Redis {
    private constructor(
        readonly service: Service,
        private readonly labPassword: string,
        private readonly tls: boolean,
    ) {}

    /** `host:port` at which containers inside NASes reach it too. */
    get address(): string {
        return `${this.service.address}:${redisPort}`;
    }

    /**
     * A new server, ready; one of the same name is removed first.
     *
     * @param lines Further lines of redis.conf.
     */
    static async start(
        lab: ServiceSurroundings,
        image: string,
        options: RedisOptions,
        labPassword = randomBytes(16).toString("hex"),
        lines: readonly string[] = [],
    ): Promise<Redis> {
        const { name, tls } = options;
        const service = await Service.start(lab, {
            name,
            image,
            files: async (address) => ({
                "redis.conf": [...configuration(options, labPassword), ...lines, ""].join("\n"),
                ...(await serverFiles(tls, address)),
            }),
            command: ["docker-entrypoint.sh", `${filesFolder}/redis.conf`],
            // Being refused without a password is an answer too.
            answers: `redis-cli ${tls ? "--tls --insecure" : ""} ping | grep -qE 'PONG|NOAUTH'`,
        });
        return new Redis(service, labPassword, tls !== undefined);
    }

    /** What redis-cli prints for a command that the lab's user gives. @throws when it fails */
    async cli(...args: string[]): Promise<string> {
        const tls = this.tls ? "--tls --insecure" : "";
        const words = args.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        const script = `read -r REDISCLI_AUTH; export REDISCLI_AUTH
            redis-cli -e ${tls} --user ${labUser} --no-auth-warning ${words} </dev/null`;
        const { code, stdout, stderr } = await this.service.exec(script, { input: `${this.labPassword}\n` });
        if (code !== 0) throw new Error(`redis-cli ${args.join(" ")} failed (${code}): ${stdout}${stderr}`);
        return stdout.trim();
    }

    /** The keys in its first database. */
    async keys(): Promise<string[]> {
        return (await this.cli("keys", "*")).split("\n").filter(Boolean).sort();
    }
}

function configuration({ password, user, tls }: RedisOptions, labPassword: string): string[] {
    const everything = "~* &* +@all";
    // Hashes, since a password in the file ends at its first space.
    const secret = password === undefined ? "nopass" : `#${sha256(password)}`;
    return [
        "bind * -::*",
        "protected-mode no",
        'save ""',
        "maxmemory 64mb",
        "maxmemory-policy allkeys-lru",
        user === undefined ? `user default on ${secret} ${everything}` : "user default off",
        ...(user === undefined ? [] : [`user ${user} on ${secret} &* ${registryRights}`]),
        `user ${labUser} on #${sha256(labPassword)} ${everything}`,
        ...(tls
            ? [
                  `port 0`,
                  `tls-port ${redisPort}`,
                  `tls-cert-file ${filesFolder}/server.crt`,
                  `tls-key-file ${filesFolder}/server.key`,
                  // No client needs a certificate, but Redis does not start without a CA for them.
                  `tls-ca-cert-file ${filesFolder}/server.crt`,
                  "tls-auth-clients no",
              ]
            : [`port ${redisPort}`]),
    ];
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
