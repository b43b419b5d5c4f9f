import { randomBytes } from "node:crypto";
import { markSecrets, validate } from "../core/check";
import { log } from "../core/log";
import type { ResourceType } from "../core/provider";
import { boolean, object, Schema, string } from "../core/schema";
import { given, isProps, isSecret, plain, plainProps, Props, secret, text, UNKNOWN, Value } from "../core/values";
import { CONNECTION, connectionOf } from "./connection";
import { detailedDiff } from "./diff";
import { Outputs, runRemote } from "./run";
import { wording } from "./wording";

const schema: Schema = {
    connection: object(CONNECTION, { required: true, secret: true }),
    create: string(),
    update: string(),
    delete: string(),
    stdin: string(),
    logging: string(),
    addPreviousOutputInEnv: boolean(),
    // sshd refuses variables unless its configuration names them, and ssh2 does not say that it was refused.
    environment: { kind: "map", unsupported: true },
    // Anything may trigger; only that it is a list is looked at.
    triggers: { kind: "list" },
    stdout: string({ output: true }),
    stderr: string({ output: true }),
};

export const remoteCommand: ResourceType = {
    check({ news }) {
        const failures = validate(schema, news, wording);
        const inputs = failures.length > 0 ? news : withConnectionDefaults(news);
        return { inputs: markSecrets(schema, inputs, true), failures };
    },
    diff({ olds, news }) {
        const inputs = Object.entries(olds).filter(([name]) => !schema[name]?.output);
        return detailedDiff(plainProps(Object.fromEntries(inputs)), plainProps(news));
    },
    async create({ urn, name, properties, preview }) {
        const id = name + randomBytes(4).toString("hex");
        if (preview) {
            return { id, properties: { ...properties, stdout: UNKNOWN, stderr: UNKNOWN } };
        }
        const outputs = await run(urn, "create", properties, { stdout: "", stderr: "" });
        return { id, properties: { ...properties, ...outputs } };
    },
    // Whether a command still holds on the host cannot be asked.
    read: ({ id, properties, inputs }) => ({ id, properties, inputs }),
    async update({ urn, olds, news, preview }) {
        if (preview) {
            return { ...news, stdout: UNKNOWN, stderr: UNKNOWN };
        }
        const which = given(plain(news.update ?? null)) ? "update" : "create";
        return { ...news, ...(await run(urn, which, news, outputsOf(olds))) };
    },
    async delete({ urn, properties }) {
        await run(urn, "delete", properties, outputsOf(properties));
    },
};

function withConnectionDefaults(news: Props): Props {
    const connection = isSecret(news.connection) ? news.connection.value : news.connection;
    if (!isProps(connection)) {
        return news;
    }
    const defaults: Props = {};
    for (const [name, property] of Object.entries(CONNECTION)) {
        if (property.default !== undefined && !given(connection[name])) {
            defaults[name] = property.default;
        }
    }
    return { ...news, connection: secret({ ...connection, ...defaults }) };
}

function outputsOf(state: Props): Outputs {
    const plainState = plainProps(state);
    return { stdout: text(plainState, "stdout") ?? "", stderr: text(plainState, "stderr") ?? "" };
}

/** Runs one of the three commands, if it is given; without it nothing happens and the outputs stay. */
async function run(
    urn: string,
    which: "create" | "update" | "delete",
    state: Props,
    before: Outputs,
): Promise<Outputs> {
    const inputs = plainProps(state);
    const command = text(inputs, which);
    if (command === undefined) {
        return before;
    }
    const logging = text(inputs, "logging") ?? "stdoutAndStderr";
    const pending: Promise<void>[] = [];
    const outputs = await runRemote({
        connection: connectionOf(isProps(inputs.connection) ? inputs.connection : {}),
        command,
        stdin: text(inputs, "stdin") ?? "",
        environment: inputs.addPreviousOutputInEnv === false ? {} : previousOutputs(before),
        onLine(stream, line) {
            if (logging === stream || logging === "stdoutAndStderr") {
                pending.push(log("INFO", urn, line));
            }
        },
        retrying: (message) => void log("INFO", urn, message, true),
    });
    await Promise.all(pending);
    return outputs;
}

function previousOutputs(before: Outputs): Record<string, string> {
    const all: Record<string, string> = {
        PULUMI_COMMAND_STDOUT: before.stdout,
        PULUMI_COMMAND_STDERR: before.stderr,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]: [string, Value]) => value !== ""));
}
