#!/usr/bin/env node
// `npx nas-registry COMMAND`: what a desk asks of a stack, a server or the package.
import { nearest } from "../settings/nearest";
import { messageOf } from "./messageOf";

/** Returns the exit code, and throws an Error with one sentence when there is no answer. */
type Run = (args: string[]) => number | Promise<number>;

/** The file of a command is loaded when it runs: most need little of the package, which takes a second to load. */
const commands: Record<string, { args: string; about: string; load: () => Promise<{ run: Run }> }> = {
    check: {
        args: "[--stack STACK]",
        about: "show what on the NAS is no longer as the stack left it, and what mends it",
        load: () => import("./check/check"),
    },
    chain: {
        args: "HOST[:PORT]",
        about: "show the certificates that a running server sends",
        load: () => import("./chain"),
    },
    "client-undo": {
        args: "HOST:PORT KIND",
        about: "print the script that takes back a client's setup, of which no stack needs to be left",
        load: () => import("./clientUndo"),
    },
};

function help(): string {
    const lines = Object.entries(commands).map(
        ([name, { args, about }]) => `  ${`${name} ${args}`.padEnd(28)}${about}\n`,
    );
    return `Usage: nas-registry COMMAND

${lines.join("")}
The exit code is 0 when all is well, 1 when something was found, 2 when there is no answer.
`;
}

async function main([name = "", ...args]: string[]): Promise<number> {
    if ([name, ...args].some((word) => word === "--help" || word === "-h")) {
        process.stdout.write(help());
        return 0;
    }
    const names = Object.keys(commands);
    const command = names.includes(name) ? commands[name] : undefined;
    if (!command) {
        const meant = nearest(name, names);
        throw new Error(
            `'${name}' is not a command; ${meant ? `did you mean ${meant}?` : `give ${names.join(", ")}.`}`,
        );
    }
    return (await command.load()).run(args);
}

// Also for whatever ends this process before there is an answer.
process.exitCode = 2;
main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`nas-registry: ${messageOf(error)}\n`);
    },
);
