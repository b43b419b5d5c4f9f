import { number, Schema, string } from "../core/schema";
import { number as numberOf, Props, text } from "../core/values";

/** The `connection` of a remote command, as the command provider's schema has it. */
export const CONNECTION: Schema = {
    host: string({ required: true }),
    port: number({ default: 22 }),
    user: string({ default: "root" }),
    hostKey: string(),
    privateKey: string({ secret: true }),
    privateKeyPassword: string({ secret: true }),
    password: string({ secret: true }),
    agentSocketPath: string(),
    dialErrorLimit: number({ default: 10 }),
    perDialTimeout: number({ default: 15 }),
    proxy: { kind: "object", unsupported: true },
};

export interface Connection {
    host: string;
    port: number;
    user: string;
    hostKey?: string;
    privateKey?: string;
    privateKeyPassword?: string;
    password?: string;
    agentSocketPath?: string;
    /** Failed dials before giving up; -1 never gives up. */
    dialErrorLimit: number;
    /** Seconds for one TCP connection, 0 for no limit. */
    perDialTimeout: number;
}

export function connectionOf(props: Props): Connection {
    return {
        host: text(props, "host") ?? "",
        port: numberOf(props, "port") ?? 22,
        user: text(props, "user") ?? "root",
        hostKey: text(props, "hostKey"),
        privateKey: text(props, "privateKey"),
        privateKeyPassword: text(props, "privateKeyPassword"),
        password: text(props, "password"),
        agentSocketPath: text(props, "agentSocketPath") ?? defaultAgent(),
        dialErrorLimit: numberOf(props, "dialErrorLimit") ?? 10,
        perDialTimeout: numberOf(props, "perDialTimeout") ?? 15,
    };
}

/** An empty variable means no agent, as an absent one. */
function defaultAgent(): string | undefined {
    const path = process.env.SSH_AUTH_SOCK;
    return path === "" ? undefined : path;
}
