#!/usr/bin/env node
// `npx nas-registry COMMAND`: what a desk asks of a stack, a server or the package.
import { nearest } from "../settings/nearest";

const HELP = `Usage: nas-registry COMMAND

  check [--stack STACK]       show what on the NAS is no longer as the stack left it, and what mends it
  chain HOST[:PORT]           show the certificates that a running server sends
  client-setup KIND [--stack STACK] [--registry HOST:PORT]
                              print the script that makes a client trust the stack's registry
  client-undo HOST:PORT KIND  print the script that takes back a client's setup, of which no stack needs to be left

Operations of a stack's registry, which run on its NAS, and go on when this command ends; each takes [--stack STACK]
[--registry HOST:PORT] [--json]:

  backup [--new-target]       back up the images and what the registry is made of
  restore [--snapshot ID|latest|TIME] [--repository NAME | --missing] [--dry-run] [--replace] [--damaged]
                              bring back all images, one repository, or the blobs that are missing
  restore --missing --from-replica [--dry-run]
                              bring the missing blobs back from operations.replication.target
  restore --rehearse          restore a sample beside the registry, pull it, and remove it
  snapshot [--dry-run]        make a snapshot by the NAS's own means of what holds the images
  prune [--dry-run]           delete the tags that no rule of operations.retention keeps
  replicate [--dry-run]       copy to operations.replication.target what it does not have yet
  gc [--dry-run]              delete what no tag and no image refers to
  verify [--dry-run] [--all]  read what of a round is not read yet, or all, and compare it with its digest
  status                      show what each operation did last and does next, disk, certificates, cache and findings
  logs OPERATION              show what it printed

The exit code is 0 when all is well, 1 when something was found, 2 when there is no answer, or an operation failed.
`;

/** Returns the exit code, and throws an Error with one sentence when there is no answer. */
type Run = (args: string[]) => number | Promise<number>;

const operation = async (verb: string) => ({ run: (await import("./operations/operation")).operation(verb) });

/** A command is loaded when it runs: most need little of the package, which takes a second to load. */
const commands = new Map<string, () => Promise<{ run: Run }>>([
    ["check", () => import("./check/check")],
    ["chain", () => import("./chain")],
    ["client-setup", () => import("./clientSetup")],
    ["client-undo", () => import("./clientUndo")],
    ["backup", () => operation("backup")],
    ["restore", () => operation("restore")],
    ["snapshot", () => operation("snapshot")],
    ["gc", () => operation("gc")],
    ["verify", () => operation("verify")],
    ["status", () => import("./operations/status")],
    ["logs", () => import("./operations/logs")],
    ["prune", () => operation("prune")],
    ["replicate", () => operation("replicate")],
]);

async function main([name = "", ...args]: string[]): Promise<number> {
    if ([name, ...args].some((word) => word === "--help" || word === "-h")) {
        process.stdout.write(HELP);
        return 0;
    }
    const load = commands.get(name);
    if (!load) {
        const names = [...commands.keys()];
        const meant = nearest(name, names);
        throw new Error(
            `'${name}' is not a command; ${meant ? `did you mean ${meant}?` : `give ${names.join(", ")}.`}`,
        );
    }
    return (await load()).run(args);
}

// Also for whatever ends this process before there is an answer.
process.exitCode = 2;
main(process.argv.slice(2))
    .then((code) => (process.exitCode = code))
    .catch((error: unknown) => process.stderr.write(`nas-registry: ${(error as Error).message}\n`));
