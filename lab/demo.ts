import * as fs from "node:fs";
import * as path from "node:path";

import { ensureToolchain, repositoryRoot } from "../toolchain";
import { step, type Report } from "../toolchain/steps";
import { ensureLab, type Client, type Lab, type Nas } from ".";
import { engineNamed } from "./engines";
import { Workspace } from "./workspace";

export const demoNamespace = process.env.DEMO_NAMESPACE ?? "demo";
export const demoDirectory = path.join(repositoryRoot, `.${demoNamespace}`);
const image = "busybox:lab";

/** From nothing to two working registries, and proof that they work. Leaves them running; `make demo-down` ends them. */
async function demo(): Promise<void> {
    const began = Date.now();
    // `make demo ENGINE=20.10`
    const engine = process.env.ENGINE ? engineNamed(process.env.ENGINE) : undefined;
    const toolchain = await ensureToolchain();
    if (fs.existsSync(demoDirectory)) {
        console.log("An earlier demo ends; this one starts from nothing, with other addresses and passwords.");
        removeWorkspace();
    }
    const lab = await step("lab: Docker Engine, images and mirror", (progress) =>
        ensureLab({ namespace: demoNamespace, registryBinary: toolchain.registry, progress }),
    );
    const [synology, qnap, laptop, colleague] = await step("two NASes, a laptop and a colleague's machine", () =>
        Promise.all([
            lab.startNas({ vendor: "synology", engine }),
            lab.startNas({ vendor: "qnap", engine }),
            lab.startClient({ name: "laptop" }),
            lab.startClient({ name: "colleague" }),
        ]),
    );
    await laptop.loadImage(image);
    const workspace = await step("a Pulumi workspace with its own state and plugins", () =>
        Workspace.open(demoDirectory, toolchain),
    );
    console.log(`        ${workspace.plugins}`);
    rememberAgent(workspace);
    writeEnvironment(workspace);

    for (const nas of [synology, qnap]) {
        await demonstrate(workspace, nas, laptop, colleague);
    }
    console.log(`\nDone in ${Math.round((Date.now() - began) / 1000)} s. Each line below can be pasted into any folder, the first one first.\n
Environment  . ${environmentFile}\n`);
    for (const nas of [synology, qnap]) {
        await printHelp(workspace, nas, dockerExec(lab, laptop));
    }
    console.log(`End it       make -C ${repositoryRoot} demo-down`);
}

async function demonstrate(workspace: Workspace, nas: Nas, laptop: Client, colleague: Client): Promise<void> {
    const stack = nas.vendor;
    const titled = <T>(title: string, run: (progress: Report) => Promise<T>) => step(`${stack}: ${title}`, run);

    await titled("pulumi up", async () => {
        await workspace.addStack(nas);
        await workspace.operate(stack, "up");
    });
    const outputs = await workspace.outputs(stack);
    const registry = (outputs.url ?? "").replace("https://", "");
    const reference = `${registry}/demo/hello:1`;

    await titled("an untrusting laptop is stopped by the certificate", () =>
        expectFailure(laptop, `docker pull ${reference}`, /certificate signed by unknown authority/),
    );
    await titled("plain HTTP is refused", async () => {
        const answer = await succeed(laptop, `curl -s -o /dev/null -w '%{http_code}' http://${registry}/v2/`);
        expectEqual(answer, "400");
    });
    await titled("nas-registry client-setup is applied on both machines", async () => {
        const setup = await workspace.command(["client-setup", "linux", "--stack", stack]);
        await succeed(laptop, "cat | sh", setup.stdout);
        await succeed(colleague, "cat | sh", setup.stdout);
    });
    await titled("a wrong password is refused", () =>
        expectFailure(laptop, `${outputs.dockerLogin} --password-stdin`, /unauthorized|401/, "wrong"),
    );
    await titled("docker login, push", async () => {
        await succeed(laptop, `${outputs.dockerLogin} --password-stdin`, outputs.password);
        await succeed(laptop, `docker tag ${image} ${reference} && docker push ${reference}`);
    });
    await titled("docker login, pull and run on the colleague's machine", async () => {
        await succeed(colleague, `${outputs.dockerLogin} --password-stdin`, outputs.password);
        await succeed(colleague, `docker pull ${reference} && docker run --rm --network none ${reference} true`);
    });
    await titled("catalog and tags list what was pushed", async () => {
        expectEqual(await get(laptop, outputs, "/v2/_catalog"), `{"repositories":["demo/hello"]}`);
        expectEqual(await get(laptop, outputs, "/v2/demo/hello/tags/list"), `{"name":"demo/hello","tags":["1"]}`);
    });
    await titled("a second pulumi up changes nothing", async () => {
        const { changes, stdout } = await workspace.operate(stack, "up");
        if (Object.keys(changes).join() !== "same") {
            throw new Error(`the second up changed something:\n${stdout}`);
        }
    });
    await titled("the NAS is off: pulumi preview works", async () => {
        await nas.stop();
        await workspace.operate(stack, "preview");
    });
    await titled("the NAS is on again: the registry came back with its image", async () => {
        await nas.start();
        await eventually(90, () =>
            succeed(colleague, `docker rmi -f ${reference} >/dev/null; docker pull ${reference}`),
        );
    });
}

async function get(
    client: Client,
    { url, username, password, caCertificate }: Record<string, string>,
    address: string,
): Promise<string> {
    await succeed(client, "cat >/tmp/ca.crt", caCertificate);
    const credentials = `user = "${username}:${password}"\n`;
    return (await succeed(client, `curl -s --config - --cacert /tmp/ca.crt ${url}${address}`, credentials)).trim();
}

async function succeed(client: Client, script: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await client.exec(script, { input });
    if (code !== 0) {
        throw new Error(`on ${client.name}: ${script}\n${stdout}${stderr}`);
    }
    return stdout;
}

async function expectFailure(client: Client, script: string, reason: RegExp, input?: string): Promise<void> {
    const { code, stdout, stderr } = await client.exec(script, { input });
    if (code === 0 || !reason.test(stdout + stderr)) {
        throw new Error(
            `on ${client.name}: ${script}\nshould have failed with ${reason.source}, but ended with ${code}:\n${stdout}${stderr}`,
        );
    }
}

function expectEqual(answer: string, expected: string): void {
    if (answer !== expected) {
        throw new Error(`expected ${expected}, got ${answer}`);
    }
}

/** Tries once a second, and gives the last failure when time is up. */
async function eventually(seconds: number, run: () => Promise<unknown>): Promise<void> {
    for (let left = seconds; ; left--) {
        try {
            await run();
            return;
        } catch (error) {
            if (left <= 0) {
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, 1000));
        }
    }
}

const environmentFile = path.join(demoDirectory, "env.sh");
const agentFile = path.join(demoDirectory, "agent.pid");

function writeEnvironment({ env, directory }: Workspace): void {
    const names = [
        "PATH",
        "PULUMI_HOME",
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_SKIP_UPDATE_CHECK",
        "SSH_AUTH_SOCK",
    ];
    const lines = [
        ...names.map((name) => `export ${name}='${env[name]}'`),
        `export NAS_REGISTRY_PROJECT='${directory}/project'`,
        "unset PULUMI_CONFIG_PASSPHRASE DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH",
    ];
    fs.writeFileSync(environmentFile, `${lines.join("\n")}\n`);
}

function rememberAgent({ pids }: Workspace): void {
    fs.writeFileSync(agentFile, pids.join());
}

/** Removes what an earlier demo left, its agent and its transport keys included. */
export function removeWorkspace(): void {
    if (fs.existsSync(demoDirectory)) {
        const pids = fs.existsSync(agentFile) ? fs.readFileSync(agentFile, "utf8").split(",").map(Number) : [];
        Workspace.remove(demoDirectory, pids);
    }
}

/** How a command runs on a machine of the lab, with this one's standard input. */
function dockerExec({ engine }: Lab, { container }: Client): string {
    return ["docker", ...(engine.own ? ["-H", engine.docker.host] : []), "exec", "-i", container].join(" ");
}

async function printHelp(workspace: Workspace, nas: Nas, laptop: string): Promise<void> {
    const { url = "", username, dockerLogin, caCertificate = "" } = await workspace.outputs(nas.vendor);
    const registry = url.replace("https://", "");
    const address = `https://${nas.address}:${registry.split(":")[1]}`;
    const file = (name: string, content: string) => {
        fs.writeFileSync(path.join(demoDirectory, name), content);
        return path.join(demoDirectory, name);
    };
    const ca = file(`${nas.vendor}.crt`, caCertificate);
    const knownHosts = file(`${nas.vendor}.known_hosts`, `[${nas.address}]:${nas.sshPort} ${nas.hostKey}\n`);
    const pulumi = `pulumi -C $NAS_REGISTRY_PROJECT --stack ${nas.vendor}`;
    const password = `${pulumi} stack output password --show-secrets`;
    const push = `docker tag ${image} ${registry}/mine:1 && docker push ${registry}/mine:1`;
    console.log(`${nas.vendor}: ${url} inside the lab, ${address} from this machine; user ${username}
Password     ${password}
Stack        ${pulumi} stack
Catalog      ${password} | sed 's/.*/user = "${username}:&"/' | curl -sS --config - --cacert ${ca} ${address}/v2/_catalog
Push         ${password} | ${laptop} sh -c '${dockerLogin} --password-stdin && ${push}'
Check        (cd $NAS_REGISTRY_PROJECT && node bin/components/cli/main.js check --stack ${nas.vendor})
NAS shell    ssh -i ${nas.privateKeyFile} -o UserKnownHostsFile=${knownHosts} -p ${nas.sshPort} ${nas.user}@${nas.address}
`);
}

if (require.main === module) {
    demo().catch((error: unknown) => {
        console.error((error as Error).message);
        process.exit(1);
    });
}
