import * as os from "node:os";

import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import type { PlainArgs } from "../../components/registry/sections";
import { findProblems } from "../../components/registry/settings";
import { knownOf } from "../../components/settings/section";
import { issue, type Issued } from "../certificates";
import { valuesOf } from "../scriptValues";
import { capableNas, registered, type Registered } from "./mocks";

vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-unit-test` }),
}));

const hostName = "registry.home.lan";
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
const args: NasRegistryArgs = {
    vendor: "synology",
    connection: { host: "192.168.1.20", hostKey },
    hostName,
    tls: "reverse-proxy",
    registryList: true,
};

let own: Issued;
beforeAll(async () => {
    own = await issue(hostName, { names: [hostName] });
});

const find = (resources: Registered[], name: string, type = "command:remote:Command") =>
    resources.find((each) => each.name === name && each.type === type);
const stdin = (resources: Registered[], name: string) => String(find(resources, name)?.inputs.stdin);
const variable = (script: string, name: string) => valuesOf(script)[name];
const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));
const deploy = async (changed: Partial<NasRegistryArgs> = {}, probe = capableNas) => {
    let registry: NasRegistry | undefined;
    const resources = await registered(
        () => {
            registry = new NasRegistry("registry", { ...args, ...changed });
        },
        { probe },
    );
    return { resources, url: registry && (await valueOf(registry.url)) };
};
const refused = (changed: Partial<PlainArgs>) => {
    const { vendor, tls, registryList } = args;
    const all = { vendor, tls, registryList, connection: { host: "192.168.1.20", hostKey }, hostName, ...changed };
    return findProblems(knownOf(all as PlainArgs), "registry").join("\n");
};

describe("behind DSM's web server", () => {
    let resources: Registered[];
    let url: string | undefined;
    beforeAll(async () => {
        ({ resources, url } = await deploy());
    });

    test("clients use the host alone", () => expect(url).toBe(`https://${hostName}`));

    test("the registry speaks no TLS and has no key", () => {
        const script = stdin(resources, "registry-files");
        const config = parse(variable(script, "file_registry_config_yml") ?? "") as { http: object };
        expect(config.http).not.toHaveProperty("tls");
        expect(script).not.toContain("PRIVATE KEY");
    });

    test("and is open on the NAS itself only", () => {
        const container = find(resources, "registry", "docker:index/container:Container");
        expect(container?.inputs.ports).toEqual([{ internal: 5000, external: 9160, ip: "127.0.0.1", protocol: "tcp" }]);
        expect(container?.inputs.healthcheck).toMatchObject({
            tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/"],
        });
    });

    test("the certificate of the own authority is for the web server", () => {
        const script = stdin(resources, "registry-reverse-proxy");
        expect(variable(script, "private_key")).toBe("PRIVATE KEY PEM");
        expect(variable(script, "description")).toBe("nas-registry project/stack/registry");
    });

    test("the smoke test asks the web server", () => {
        const script = stdin(resources, "registry-smoke-test");
        expect(["scheme", "authority", "address", "port"].map((name) => variable(script, name))).toEqual([
            "https",
            hostName,
            "",
            "443",
        ]);
    });

    test("the registry list has the same address, and another one is another entry", () => {
        expect(variable(stdin(resources, "registry-list"), "url")).toBe(`https://${hostName}`);
        expect(find(resources, "registry-list")?.inputs.triggers).toEqual([`https://${hostName}`]);
    });

    test.each(["registry-list", "registry-reverse-proxy"])(
        "%s is taken back, and all it is told is a secret",
        (name) => {
            const script = find(resources, name);
            expect(script?.inputs).toMatchObject({ create: "/bin/sh -s apply", delete: "/bin/sh -s revert" });
            expect(script?.secretInputs).toContain("stdin");
        },
    );
});

test("an administrator becomes root by sudo", async () => {
    const { resources } = await deploy({}, capableNas.replace("privilege=root", "privilege=sudo"));
    for (const name of ["registry-list", "registry-reverse-proxy"]) {
        expect(find(resources, name)?.inputs.create).toBe("sudo -n /bin/sh -s apply");
    }
});

test("a certificate of one's own is imported, and no authority is made", async () => {
    const { certificate, privateKey } = own;
    const { resources } = await deploy({ certificate: { certificate, privateKey } });
    expect(variable(stdin(resources, "registry-reverse-proxy"), "certificate")).toBe(certificate);
    expect(find(resources, "registry-ca", "tls:index/selfSignedCert:SelfSignedCert")).toBeUndefined();
});

test("without it there is neither a rule nor an entry", async () => {
    const { resources } = await deploy({ tls: "own-authority", registryList: false });
    expect(find(resources, "registry-reverse-proxy") ?? find(resources, "registry-list")).toBeUndefined();
});

test.each<[Partial<PlainArgs>, string]>([
    [
        { vendor: "qnap", registryList: false },
        `tls: "reverse-proxy" is not allowed on a qnap; it is for Synology DSM only.`,
    ],
    [{ vendor: "qnap", tls: "none" }, "registryList: true is not allowed on a qnap; it is for Synology DSM only."],
    [
        { bindAddress: "0.0.0.0" },
        `bindAddress: "0.0.0.0" is not allowed; it must be 127.0.0.1 with tls reverse-proxy, or left out.`,
    ],
    [{ hostName: undefined }, `hostName: "192.168.1.20" is not allowed behind DSM's reverse proxy`],
])("%j is refused", (changed, sentence) => {
    expect(refused(changed)).toContain(sentence);
});

describe("keys by who takes them", () => {
    const dsm6 = capableNas.replace("DSM 7.2.2-72806", "DSM 6.2.4-25556");
    const keyOf = async (whose: string, changed: Partial<NasRegistryArgs>, probe = capableNas) => {
        const { resources } = await deploy({ registryList: false, ...changed }, probe);
        return find(resources, `registry-${whose}`, "tls:index/privateKey:PrivateKey");
    };

    test.each([
        ["reverse-proxy", capableNas, { algorithm: "RSA", rsaBits: 2048 }],
        ["reverse-proxy", dsm6, { algorithm: "RSA", rsaBits: 2048 }],
        ["own-authority", capableNas, { algorithm: "ECDSA", ecdsaCurve: "P256" }],
        ["own-authority", dsm6, { algorithm: "ECDSA", ecdsaCurve: "P256" }],
    ] as const)("tls %s: the certificate's key, whatever the firmware", async (tls, probe, key) => {
        expect((await keyOf("server", { tls }, probe))?.inputs).toEqual(key);
    });

    test("the authority is the same in every mode, and stays what it once was", async () => {
        const [before, after] = [await keyOf("ca", { tls: "own-authority" }), await keyOf("ca", {})];
        expect(after?.inputs).toEqual(before?.inputs);
        expect(after?.inputs).toEqual({ algorithm: "RSA", rsaBits: 3072 });
        expect(after?.options.ignoreChanges).toEqual(["algorithm", "ecdsaCurve", "rsaBits"]);
    });

    const given = async (key: "rsa" | "ecdsa" | "ed25519") => {
        const { certificate, privateKey } = await issue(hostName, { names: [hostName], key });
        return { certificate: { certificate, privateKey } };
    };

    test.each([
        ["rsa", "rsa"],
        ["ecdsa", "ec"],
    ] as const)("the probe is told of a given key of %s, and of none otherwise", async (key, kind) => {
        const { resources } = await deploy(await given(key));
        expect(variable(stdin(resources, "registry-probe"), "imported_key")).toBe(kind);
        const others = [await deploy(), await deploy({ ...(await given(key)), tls: "given", registryList: false })];
        for (const other of others) {
            expect(variable(stdin(other.resources, "registry-probe"), "imported_key")).toBe("");
        }
    });

    test("one that no DSM takes is refused before anything is asked", async () => {
        const changed = await given("ed25519");
        expect(refused(changed)).toBe(
            "certificate.privateKey: a key of the kind ed25519 is not allowed with tls reverse-proxy; DSM imports certificates with RSA keys, and from DSM 7 on with ECDSA keys.",
        );
        expect(refused({ ...changed, tls: "given", registryList: false })).toBe("");
    });
});

describe("a certificate that was given", () => {
    test.each(["given", "reverse-proxy"] as const)("is checked for its names with tls %s", (tls) => {
        const { certificate, privateKey } = own;
        const given = { tls, hostName: "other.home.lan", certificate: { certificate, privateKey } };
        expect(refused(given)).toContain(
            "certificate.certificate: it is not for 'other.home.lan'; the names in it are DNS:registry.home.lan.",
        );
    });

    test("need not have the name that SSH uses", () => {
        const { certificate, privateKey } = own;
        expect(refused({ tls: "given", certificate: { certificate, privateKey } })).toBe("");
    });

    test("must have its key, and the sentence does not show it", async () => {
        const { privateKey } = await issue("other");
        const message = refused({ tls: "given", certificate: { certificate: own.certificate, privateKey } });
        expect(message).toContain("certificate.privateKey: it is the key of no certificate that is given");
        expect(message).not.toContain(privateKey.split("\n")[1]);
    });
});
