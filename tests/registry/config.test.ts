import { beforeAll, describe, expect, test } from "vitest";

import type { Cache } from "../../components/registry/cache";
import { renderConfig } from "../../components/registry/config";
import { renderHtpasswd } from "../../components/registry/users";
import { withDefaults } from "../../components/settings";
import type { PlainArgs } from "../../components/validation";
import { selfSigned } from "./certificate";
import { pushImage } from "./image";
import { startRegistry, type Registry } from "./server";

const user = "admin:correct horse";
const plain: PlainArgs = { vendor: "synology", connection: { host: "nas", hostKey: "ssh-ed25519 AAAA" } };
let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});

/** A registry with the configuration that the component renders, and the files that it puts beside it. */
const rendered = (cache: Cache): Promise<Registry> =>
    startRegistry({
        config: renderConfig(withDefaults("registry", plain), { httpSecret: "0".repeat(64), cache }),
        files: {
            htpasswd: renderHtpasswd([{ name: "admin", password: "correct horse", generated: true }], ""),
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
        const registry = await rendered({ kind: "redis", password: "s3cret", socket: false });
        expect(registry.log).toContain("using redis blob descriptor cache");
    });

    test("caches descriptors in memory when there is none", async () => {
        const registry = await rendered({ kind: "inmemory" });
        expect(registry.log).toContain("using inmemory blob descriptor cache");
    });
});
