import { createHash } from "node:crypto";
import { filesFolder, serverFiles, Service, type Certify, type ServiceSurroundings } from "./service";

export interface RestServerOptions {
    /** Names the server within its lab, and on the lab's network. */
    readonly name: string;
    readonly username: string;
    readonly password: string;
    /** Let nothing be changed or deleted that is there. @default false */
    readonly appendOnly?: boolean;
    /** Serve HTTPS. @default plain HTTP */
    readonly tls?: Certify;
}

const port = 8000;

/** A server of restic's own kind, which keeps backups and reads none of them. */
export class RestServer {
    private constructor(
        readonly service: Service,
        /** URL without credentials, at which containers inside NASes reach it too; a path names a repository. */
        readonly url: string,
    ) {}

    /** A new server, ready; one of the same name is removed first. */
    static async start(lab: ServiceSurroundings, image: string, options: RestServerOptions): Promise<RestServer> {
        const { name, username, password, appendOnly, tls } = options;
        // The one kind of hash that needs no program.
        const hash = createHash("sha1").update(password).digest("base64");
        const certificate = ["--tls", `--tls-cert=${filesFolder}/server.crt`, `--tls-key=${filesFolder}/server.key`];
        const service = await Service.start(lab, {
            name,
            image,
            files: async (address) => ({
                htpasswd: `${username}:{SHA}${hash}\n`,
                ...(await serverFiles(tls, address)),
            }),
            command: [
                ["rest-server", "--path=/backups", `--htpasswd-file=${filesFolder}/htpasswd`],
                appendOnly ? ["--append-only"] : [],
                tls ? certificate : [],
            ].flat(),
            answers: `nc -w 1 127.0.0.1 ${port} </dev/null`,
        });
        return new RestServer(service, `${tls ? "https" : "http"}://${service.address}:${port}`);
    }
}
