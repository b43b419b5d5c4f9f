import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { authoritiesIn } from "../../../components/certificates/pem";
import { renderClientUndo } from "../../../components/clients/clientSetup";
import { caCertificate, otherCaCertificate } from "../../publicAuthorities";
import { shells } from "../shells";
import { authority, bundle, insecure, LinuxClient, linuxKinds, other, registry, script, trusts } from "./linuxClient";

describe.each(shells)("under %s", (_, shell) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
    });
    afterEach(() => machine.remove());

    describe.each(linuxKinds)("%s", (kind) => {
        describe.each(trusts)("%s", (_, trust) => {
            test("undo leaves a machine as it was, and a second setup touches nothing", async () => {
                const before = machine.snapshot();
                await machine.must(script(kind, trust));
                const times = machine.times();
                expect(Object.keys(times).length).toBeGreaterThan(Object.keys(before).length);
                await machine.must(script(kind, trust));
                expect(machine.times()).toEqual(times);
                await machine.must(script(kind, trust), ["undo"]);
                expect(machine.snapshot()).toEqual(before);
            });

            test("undo without the stack leaves a machine as it was, other registries alone", async () => {
                machine.link("jq");
                for (const others of [[], [other]]) {
                    for (const each of others) {
                        await machine.must(script(kind, trust, each));
                    }
                    const before = machine.snapshot();
                    await machine.must(script(kind, trust));
                    expect(await machine.must(renderClientUndo(registry, kind))).toContain("no longer trusts nas:9160");
                    expect(machine.snapshot()).toEqual(before);
                    await machine.must(renderClientUndo(registry, kind));
                    expect(machine.snapshot()).toEqual(before);
                }
            });

            test("nothing is written through a link in the place of a file that is not finished", async () => {
                machine.link("jq");
                machine.write("etc/theirs", "theirs");
                await machine.must(script(kind, trust, other));
                await machine.must(script(kind, trust));
                const files = Object.keys(machine.snapshot()).filter((name) =>
                    fs.statSync(machine.path(name)).isFile(),
                );
                await machine.must(script(kind, trust), ["undo"]);
                for (const file of files) {
                    fs.mkdirSync(path.dirname(machine.path(file)), { recursive: true });
                    for (const end of ["new", "nas-registry"]) {
                        fs.symlinkSync(machine.path("etc/theirs"), machine.path(`${file}.${end}`));
                    }
                }
                await machine.must(script(kind, trust));
                expect(machine.read("etc/theirs")).toBe("theirs");
            });

            test("two registries do not undo each other, whichever goes first", async () => {
                machine.link("jq");
                const before = machine.snapshot();
                for (const order of [
                    [registry, other],
                    [other, registry],
                ] as const) {
                    await machine.must(script(kind, trust, registry));
                    const alone = machine.snapshot();
                    await machine.must(script(kind, trust, other));
                    await machine.must(script(kind, trust, order[0]), ["undo"]);
                    if (order[0] === other) {
                        expect(machine.snapshot()).toEqual(alone);
                    }
                    await machine.must(script(kind, trust, order[1]), ["undo"]);
                    expect(machine.snapshot()).toEqual(before);
                }
            });
        });

        test("every CA's fingerprint is shown, and that there is no TLS", async () => {
            const [first, second] = authoritiesIn(caCertificate + otherCaCertificate).map(
                (each) => each.fingerprint256,
            );
            expect(await machine.must(script(kind, authority))).toContain(
                `now trusts nas:9160, whose certificate authority has the SHA-256 fingerprint ${first}.\n`,
            );
            expect(await machine.must(script(kind, bundle))).toContain(
                `whose certificate authorities have the SHA-256 fingerprints ${first}, ${second}.\n`,
            );
            expect(await machine.must(script(kind, insecure))).toContain("WITHOUT TLS");
        });

        test("a registry that gets TLS loses the entry without it, and back", async () => {
            await machine.must(script(kind, insecure));
            const plain = machine.snapshot();
            await machine.must(script(kind, authority));
            const secure = machine.snapshot();
            await machine.must(script(kind, insecure));
            expect(machine.snapshot()).toEqual(plain);
            await machine.must(script(kind, authority));
            expect(machine.snapshot()).toEqual(secure);
        });

        test("a registry that gets a certificate of a public authority needs nothing", async () => {
            const before = machine.snapshot();
            for (const trust of [authority, insecure]) {
                await machine.must(script(kind, trust));
                expect(await machine.must(script(kind, {}))).toContain("needs nothing");
                expect(machine.snapshot()).toEqual(before);
            }
        });

        test("undo without a setup changes nothing", async () => {
            const before = machine.snapshot();
            await machine.must(script(kind, authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("another word than undo is refused", async () => {
            expect(await machine.refused(script(kind, authority), ["remove"])).toContain(
                "'remove' is not known: give 'undo'",
            );
        });

        test("a machine that is of another kind is told so", async () => {
            linuxKinds.forEach(([, command]) => fs.rmSync(machine.path("bin", command)));
            expect(await machine.refused(script(kind, authority))).toMatch(/^nas-registry: there is n/);
        });
    });

    describe("certificates", () => {
        test.each([
            ["linux", "etc/docker/certs.d/nas:9160/nas-registry.crt"],
            ["podman", "etc/containers/certs.d/nas:9160/nas-registry.crt"],
            ["containerd", "etc/containerd/certs.d/nas:9160/nas-registry.crt"],
            ["k3s", "etc/rancher/k3s/nas-registry/nas:9160.crt"],
            ["buildkit", "etc/buildkit/nas-registry/nas:9160.crt"],
        ] as const)("of %s are readable by everybody", async (kind, file) => {
            await machine.must(script(kind, authority));
            expect(machine.read(file)).toBe(caCertificate);
            await machine.must(script(kind, bundle));
            expect(machine.read(file)).toBe(caCertificate + otherCaCertificate);
            expect(fs.statSync(machine.path(file)).mode & 0o777).toBe(0o644);
        });

        test("of a mirror of Docker Hub is in that one's place, too, until it is taken back", async () => {
            const mirror = { ...authority, ofDockerHub: true };
            machine.write("etc/docker/certs.d/docker.io/ca.crt", "mine");
            const before = machine.snapshot();
            await machine.must(script("linux", mirror));
            expect(machine.read(`etc/docker/certs.d/docker.io/nas-registry-${registry}.crt`)).toBe(caCertificate);
            await machine.must(script("linux", mirror, other));
            await machine.must(renderClientUndo(other, "linux"));
            expect(machine.read(`etc/docker/certs.d/docker.io/nas-registry-${registry}.crt`)).toBe(caCertificate);
            await machine.must(script("linux", mirror), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("somebody's own stay, with their directory", async () => {
            machine.write("etc/docker/certs.d/nas:9160/ca.crt", "mine");
            const before = machine.snapshot();
            await machine.must(script("linux", authority));
            await machine.must(script("linux", authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("an empty directory that was there stays", async () => {
            fs.mkdirSync(machine.path("etc/docker/certs.d"), { recursive: true });
            const before = machine.snapshot();
            await machine.must(script("linux", authority));
            await machine.must(script("linux", authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });
    });

    describe("somebody who is not root", () => {
        test.each([
            ["podman", "home/.config/containers/certs.d/nas:9160/nas-registry.crt"],
            ["containerd", "home/.config/containerd/certs.d/nas:9160/hosts.toml"],
            ["buildkit", "home/.docker/buildx/buildkitd.default.toml"],
        ] as const)("sets up %s in the home", async (kind, file) => {
            const before = machine.snapshot();
            await machine.must(script(kind, authority), [], "anybody");
            expect(machine.exists(file)).toBe(true);
            await machine.must(script(kind, authority), ["undo"], "anybody");
            expect(machine.snapshot()).toEqual(before);
        });

        test.each(["linux", "k3s"] as const)("is told to use sudo for %s", async (kind) => {
            expect(await machine.refused(script(kind, authority), [], "anybody")).toContain("run this with 'sudo sh'");
        });
    });
});
