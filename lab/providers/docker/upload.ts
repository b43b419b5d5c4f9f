import type { Container } from "dockerode";
import { flag, Props, text } from "../core/values";
import { attempt } from "./client";

/** Puts one file into a container that is not started yet, owned by root. */
export async function uploadFile(one: Container, upload: Props): Promise<void> {
    // Loaded here: few containers get files this way.
    const { pack } = await import("tar-stream");
    const archive = pack();
    archive.entry(
        { name: text(upload, "file") ?? "", mode: mode(upload), uid: 0, gid: 0, mtime: new Date() },
        content(upload),
    );
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive as AsyncIterable<Buffer>) {
        chunks.push(chunk);
    }
    await attempt("Unable to upload volume content", one.putArchive(Buffer.concat(chunks), { path: "/" }));
}

function content(upload: Props): Buffer {
    const given = [text(upload, "content"), text(upload, "contentBase64")].filter((value) => value);
    if (given.length !== 1) {
        const which = given.length === 0 ? "one" : "only one";
        throw new Error(`error with upload content: ${which} of 'content', 'content_base64', or 'source' must be set`);
    }
    const plainText = text(upload, "content");
    return plainText ? Buffer.from(plainText) : Buffer.from(text(upload, "contentBase64") ?? "", "base64");
}

function mode(upload: Props): number {
    const permissions = text(upload, "permissions");
    if (permissions) {
        return parseInt(permissions, 8);
    }
    return flag(upload, "executable") ? 0o744 : 0o644;
}
