import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import {
    explainLeftover,
    nameIsTaken,
    networkIsGone,
    removeLeftover,
} from "../../components/registry/containers/leftovers";
import { dockerApi } from "../../components/nas/dockerApi";
import { ownLabels } from "../../components/registry/containers/container";

test.each([
    ["20.10 to 29", 'Conflict. The container name "/registry" is already in use by container "6193f50779be".', true],
    ["20.10 to 29", "driver failed programming external connectivity: port is already allocated", false],
    ["20.10 to 29", "endpoint with name registry already exists in network registry", false],
    ["20.10 to 29", "No such image: registry:3.1.2", false],
])("engine %s says: %s", (_, error, isTaken) => expect(nameIsTaken(error)).toBe(isTaken));

test.each([
    ["Unable to connect to network 'registry': Error response from daemon: network registry not found", true],
    ["Unable to start container: Error response from daemon: network 3f7c0a not found", true],
    ["Unable to create container: Error response from daemon: No such image: registry:3.1.2", false],
])("the provider says: %s", (error, isGone) => expect(networkIsGone(error)).toBe(isGone));

test("who must do it by hand is told how", () => {
    expect(explainLeftover("registry", "/usr/local/bin/docker")).toContain(
        "run '/usr/local/bin/docker rm --force registry registry-redis' there",
    );
});

/** An engine behind an ssh that only carries bytes. */
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-test-"));
const socket = path.join(directory, "engine.sock");
const commands = path.join(directory, "commands");
let present: Record<string, object>;
let deleted: string[];
const engine = http.createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "", "http://engine");
    if (request.method === "DELETE") deleted.push(pathname + search);
    const found = present[pathname];
    response.writeHead(request.method === "DELETE" ? 204 : found ? 200 : 404).end(found && JSON.stringify(found));
});
const PATH = process.env.PATH;

beforeAll(async () => {
    const carry = `const s = require("net").connect("${socket}"); process.stdin.pipe(s).pipe(process.stdout)`;
    const ssh = `#!/bin/sh\necho "$*" >>${commands}\nexec ${process.execPath} -e '${carry}'\n`;
    fs.writeFileSync(path.join(directory, "ssh"), ssh, { mode: 0o755 });
    process.env.PATH = `${directory}:${PATH}`;
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
});
afterEach(() => fs.rmSync(commands, { force: true }));
afterAll(() => {
    process.env.PATH = PATH;
    engine.close();
    fs.rmSync(directory, { recursive: true });
});

const labels = ownLabels({ ownerLabel: "project/stack", name: "registry" });
const ours = { "nas-registry.owner": "project/stack", "nas-registry.component": "registry", other: "label" };
const container = (has: object | null) => ({ Id: "c1", Config: { Labels: has } });
const leftover = { name: "registry", labels };

describe("a container", () => {
    const at = (has: object | null) => {
        present = { "/containers/registry/json": container(has) };
        deleted = [];
        return removeLeftover(dockerApi(["-F", "/dev/null", "--", "nas"]), leftover);
    };

    test("of this component is removed, and nothing else is run over SSH than what the key may", async () => {
        expect(await at(ours)).toBe(true);
        expect(deleted).toEqual(["/containers/c1?force=1&v=1"]);
        expect(new Set(fs.readFileSync(commands, "utf8").trim().split("\n"))).toEqual(
            new Set(["-F /dev/null -- nas docker system dial-stdio"]),
        );
    });

    test.each<[string, object | null]>([
        ["without labels", null],
        ["of another stack", { ...ours, "nas-registry.owner": "project/other" }],
        ["of another registry of this stack", { ...ours, "nas-registry.component": "other" }],
    ])("%s stays", async (_, has) => {
        expect(await at(has)).toBe(false);
        expect(deleted).toEqual([]);
    });
});

test("an answer counts also where it is read after ssh has ended", async () => {
    const away = path.join(directory, "ssh.carries");
    fs.renameSync(path.join(directory, "ssh"), away);
    const answer = String.raw`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"Id": "abcde"}`;
    const script = `#!/bin/sh\nread -r line\n(sleep 0.2; printf '${answer}') &\n`;
    fs.writeFileSync(path.join(directory, "ssh"), script, { mode: 0o755 });
    const said = await dockerApi([])("GET", "/containers/registry/json").catch((error: unknown) => error);
    fs.renameSync(away, path.join(directory, "ssh"));
    expect(said).toEqual({ status: 200, body: { Id: "abcde" } });
});

test("a NAS that does not answer leaves the name as taken as it was", async () => {
    fs.renameSync(path.join(directory, "ssh"), path.join(directory, "ssh.away"));
    const nowhere = fs.mkdtempSync(path.join(directory, "empty-"));
    process.env.PATH = nowhere;
    const without = await removeLeftover(dockerApi([]), leftover);
    process.env.PATH = `${directory}:${PATH}`;
    fs.writeFileSync(path.join(directory, "ssh"), "#!/bin/sh\nexit 255\n", { mode: 0o755 });
    const refused = await removeLeftover(dockerApi([]), leftover);
    expect([without, refused]).toEqual([false, false]);
});
