import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { asOwnerReads } from "../owner";
import { insecure, LinuxClient, registry, script } from "./linuxClient";

const name = `nas-registry-${registry}.conf`;

describe("Podman's registries.conf", () => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(["dash"]);
    });
    afterEach(() => machine.remove());

    test.each([
        "",
        "# nothing yet",
        "\uFEFFshort-name-mode = 'enforcing'\n",
        'unqualified-search-registries = ["docker.io"]\r\n',
        '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "mirror:5000"\n',
        '[[ "registry" ]]\nprefix = \'nas:9160\'\nlocation = "nas\\u003a9160"\n',
    ])("as somebody has it is left alone, and ours counts beside it: %j", async (foreign) => {
        machine.write("etc/containers/registries.conf", foreign);
        const before = machine.snapshot();
        await machine.must(script("podman", insecure));
        expect(machine.read("etc/containers/registries.conf")).toBe(foreign);
        const beside = { [name]: machine.read(`etc/containers/registries.conf.d/${name}`) };
        const registries = await asOwnerReads<object[]>("registries.conf", foreign, beside);
        expect(registries).toContainEqual(expect.objectContaining({ Location: registry, Insecure: true }));
        await machine.must(script("podman", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });
});
