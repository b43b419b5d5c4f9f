import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** Of the repository below. */
export const password = "s3cret of the backups";

// Made by restic 0.19.1 with the least that scrypt can do (N=128), where restic takes half a second of each machine's processor.
const key =
    '{"created":"2026-11-28T22:55:00.147454497Z","username":"root","hostname":"vm","kdf":"scrypt","N":128,"r":1,"p":1,"salt":"Y3U576yoMN5gq4jLZ+NnUWacsBc0c4zGJV3m7/+fe7SrJYnxzhqqm0JKsPo8IKpqg1sAuOoZU51lA8056o4H1w==","data":"CwbgBVMDAbmQteHljCoYfs4GX+MHBYZW4xVq/buqgmvWKNRyEBmc0qdJ6Uv7elswilnO5TPEaCW6/T60aWGGCe29mcwoMqSfXus5CS0ar9WH7/WwrAOpkLnrhFfJnWukfHv8EvTLgat1Nt8T4kw/I4nlRdTdV+YU1fwPvUV/a5+itfd+pQz5UYQ+E+xTXD/2VEXS0UZ7vs5CipjV4l/nIw=="}';
const config =
    "zIMm0/QHwDIARVrV4FnhKiY+AVdJ9hLjcEkuwy59eqGJnwXr8enu2tSY8sGEaG1iAmxoZic0OwBgsC4harNyo2s064apI2Z0yP4fexUFq/zmY5JYKQObXBAf52RScI4TcHeFlfXB1gkqqK523Y94eUqLvMSSdIzBSG655vB3AQKU/wVCoKkkrdok18HTJdt2lf0Dq2K4nYJ9Wxc=";

/** Writes an empty repository of restic's, to which all is as it is to another, but that its key is derived at once. */
export function writeQuickRepository(directory: string): void {
    for (const name of ["data", "index", "keys", "locks", "snapshots"]) {
        fs.mkdirSync(path.join(directory, name), { recursive: true });
    }
    fs.writeFileSync(path.join(directory, "config"), Buffer.from(config, "base64"));
    fs.writeFileSync(path.join(directory, "keys", createHash("sha256").update(key).digest("hex")), key);
}
