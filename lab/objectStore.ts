import { filesFolder, serverFiles, Service, type Certify, type ServiceSurroundings } from "./service";

export interface ObjectStoreOptions {
    /** Names the store within its lab, and on the lab's network. */
    readonly name: string;
    readonly accessKey: string;
    readonly secretKey: string;
    /** The one bucket; made empty. */
    readonly bucket: string;
    /** Serve HTTPS. @default plain HTTP */
    readonly tls?: Certify;
}

const port = 7070;
const root = "/objects";

/** An S3 server (Versity's gateway in front of a directory) that knows region us-east-1 and path-style requests. */
export class ObjectStore {
    private constructor(
        readonly service: Service,
        private readonly bucket: string,
        /** URL at which containers inside NASes reach it too. */
        readonly endpoint: string,
    ) {}

    /** A new store, ready; one of the same name is removed first. */
    static async start(lab: ServiceSurroundings, image: string, options: ObjectStoreOptions): Promise<ObjectStore> {
        const { name, accessKey, secretKey, bucket, tls } = options;
        const scheme = tls ? "https" : "http";
        const service = await Service.start(lab, {
            name,
            image,
            env: {
                ROOT_ACCESS_KEY: accessKey,
                ROOT_SECRET_KEY: secretKey,
                BUCKET: bucket,
                ...(tls && { VGW_CERT: `${filesFolder}/server.crt`, VGW_KEY: `${filesFolder}/server.key` }),
            },
            files: (address) => serverFiles(tls, address),
            command: ["/entrypoint.sh", "--port", `:${port}`, "posix", root],
            answers: `nc -w 1 127.0.0.1 ${port} </dev/null`,
        });
        return new ObjectStore(service, bucket, `${scheme}://${service.address}:${port}`);
    }

    /** Keys of the objects in the bucket whose key begins so. */
    async keys(prefix = ""): Promise<string[]> {
        const { stdout } = await this.service.exec(`cd ${root}/${this.bucket} && find . -type f`);
        const keys = stdout.split("\n").map((line) => line.replace("./", ""));
        return keys.filter((key) => key !== "" && key.startsWith(prefix)).sort();
    }
}
