import { beforeAll, describe, expect, test } from "vitest";

import { renderConfig, type RegistryConfig } from "../../components/registry/config";
import { htpasswdLine } from "../../components/registry/users";
import { selfSigned } from "./certificate";
import { pushImage } from "./image";
import { startRegistry, type Registry } from "./server";

const user = "admin:correct horse";
let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});

/** A registry with the configuration that the component renders, and the files that it puts beside it. */
const rendered = (cache: RegistryConfig["cache"]): Promise<Registry> =>
    startRegistry({
        config: renderConfig({ httpSecret: "0".repeat(64), cache }),
        files: {
            htpasswd: htpasswdLine("admin", "correct horse", Buffer.alloc(16, 7).toString("base64")),
            "certificate.pem": certificate.certificate,
            "private-key.pem": certificate.privateKey,
        },
        ca: certificate.certificate,
    });

describe("the configuration that is rendered", () => {
    test("serves an image over TLS to the user", async () => {
        const registry = await rendered({ kind: "inmemory" });
        const image = await pushImage(registry, "a/b", "1", { user });
        const layer = await registry.fetch(image.layer, { user });
        expect([layer.status, await layer.text()]).toEqual([200, image.layerContent]);
    });

    test("serves nothing to others", async () => {
        const registry = await rendered({ kind: "inmemory" });
        expect((await registry.fetch("/v2/")).status).toBe(401);
        expect((await registry.fetch("/v2/", { user: "admin:wrong" })).status).toBe(401);
    });

    test("uses Redis for descriptors when there is one", async () => {
        const registry = await rendered({ kind: "redis", password: "s3cret" });
        expect(registry.log).toContain("using redis blob descriptor cache");
    });

    test("caches descriptors in memory when there is none", async () => {
        const registry = await rendered({ kind: "inmemory" });
        expect(registry.log).toContain("using inmemory blob descriptor cache");
    });
});
