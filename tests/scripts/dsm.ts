import * as fs from "node:fs";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import * as tls from "node:tls";

import { repositoryRoot } from "../../toolchain";
import { capture, run } from "../../toolchain/process";
import type { ScriptHost } from "./shells";

const lab = path.join(repositoryRoot, "lab", "images", "synology");

interface Rule {
    UUID: string;
    description: string;
    frontend: { fqdn: string };
    [field: string]: unknown;
}

/** The lab's DSM, without its machine: the same web API on files below a directory, and a web server that reads them. */
export class FakeDsm {
    private constructor(
        private readonly host: ScriptHost,
        private readonly server: tls.Server,
    ) {}

    static async start(host: ScriptHost, dsm: string): Promise<FakeDsm> {
        for (const directory of ["packages/ContainerManager/etc", "packages/Docker/etc"]) {
            fs.mkdirSync(host.path("dsm", "var", directory), { recursive: true });
        }
        const server = tls.createServer(
            {
                SNICallback: (name, done) => {
                    done(null, tls.createSecureContext(fake.files(fake.boundTo(name))));
                },
            },
            (socket) => socket.end(),
        );
        const fake = new FakeDsm(host, server);
        server.on("tlsClientError", () => undefined);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        fake.behave(dsm, "works");
        await fake.call("SYNO.Core.Certificate.CRT", "list");
        return fake;
    }

    /** What it answers from now on; see the lab's webApi. */
    behave(dsm: string, webApi: string): void {
        const environment = {
            LAB_SYNOLOGY: lab,
            LAB_ROOT: this.host.path("dsm"),
            LAB_NAS_ENV: this.host.path("nas.env"),
        };
        const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
        const home = dsm === "7.2" ? "ContainerManager" : "Docker";
        fs.writeFileSync(this.host.path("nas.env"), `DSM=${dsm}\nPACKAGE=${home}\nWEB_API=${webApi}\n`);
        // Keeps a record of what it was asked, as a process list would show it.
        const record = `echo "$*" >>'${this.host.path("calls")}'\n`;
        const script = `#!/bin/sh\n${exports.join("")}${record}exec sh '${lab}/bin/synowebapi' "$@"\n`;
        fs.writeFileSync(this.command, script, { mode: 0o755 });
    }

    get command(): string {
        return this.host.path("synowebapi");
    }

    /** host:port of its web server. */
    get front(): string {
        return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Command lines of the calls so far that change something; the record begins anew. */
    changes(): string[] {
        const lines = fs.readFileSync(this.host.path("calls"), "utf8").split("\n");
        fs.writeFileSync(this.host.path("calls"), "");
        return lines.filter((line) => line !== "" && !/method=(list|get)/.test(line));
    }

    /** Asks as somebody else would, of API/VERSION, and gives back the data. @throws when it is refused */
    async call(api: string, method: string, ...parameters: string[]): Promise<unknown> {
        const [name, version = "1"] = api.split("/");
        const answer = await run(this.command, [
            "--exec",
            `api=${name}`,
            `method=${method}`,
            `version=${version}`,
            ...parameters,
        ]);
        const { success, data } = JSON.parse(answer.slice(answer.indexOf("{"))) as { success: boolean; data: unknown };
        if (!success) {
            throw new Error(answer);
        }
        return data;
    }

    rules(): Rule[] {
        return Object.values(this.json("usr/syno/etc/www/ReverseProxy.json") as Record<string, Rule>);
    }

    /** Description and bound hosts of every certificate but DSM's own. */
    certificates(): { id: string; desc: string; services: string[] }[] {
        return Object.entries(this.info)
            .filter(([id]) => id !== "default")
            .map(([id, { desc, services }]) => ({ id, desc, services: services.map(({ service }) => service) }));
    }

    /** PEM of the certificate that the web server shows under a name. */
    served(fqdn: string): string {
        return this.files(this.boundTo(fqdn)).cert;
    }

    /** Everything it keeps, as text that can be compared. */
    async state(): Promise<string> {
        const { stdout } = await capture("sh", [
            "-c",
            `cd '${this.host.path("dsm", "usr")}' && find . -type f ! -name cert.conf | sort | xargs cksum`,
        ]);
        return stdout;
    }

    close(): void {
        this.server.close();
    }

    private boundTo(fqdn: string): string {
        const rule = this.rules().find(({ frontend }) => frontend.fqdn === fqdn);
        const bound = Object.entries(this.info).find(([, { services }]) =>
            services.some(({ service }) => service === rule?.UUID),
        );
        return rule && bound ? bound[0] : "default";
    }

    private files(id: string): { cert: string; key: string } {
        const directory = this.host.path("dsm", "usr/syno/etc/certificate/_archive", id);
        const text = (ending: string) => {
            const name = fs.readdirSync(directory).find((each) => each.endsWith(ending)) ?? ending;
            return fs.readFileSync(path.join(directory, name), "utf8");
        };
        return { cert: text("fullchain.pem"), key: text("privkey.pem") };
    }

    private get info(): Record<string, { desc: string; services: { service: string }[] }> {
        return this.json("usr/syno/etc/certificate/_archive/INFO") as typeof this.info;
    }

    private json(file: string): unknown {
        return JSON.parse(fs.readFileSync(this.host.path("dsm", file), "utf8"));
    }
}
