import { createHash } from "node:crypto";
import * as path from "node:path";

export const repository = path.resolve(__dirname, "..");

/** What the lab keeps between runs: engine store, keys. Git-ignored; `make clean` removes it. */
export const keep = path.join(repository, ".lab");

/** Sockets and pid files: short, because the path of a Unix socket may have 107 characters at most. */
export const run = path.join(
    "/run/nas-registry-lab",
    createHash("sha256").update(repository).digest("hex").slice(0, 8),
);

/** Dockerfiles and the files that go into the images. */
export const images = path.join(__dirname, "images");
