import * as fs from "node:fs";

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { authoritiesIn } from "../../../components/certificates/pem";
import { renderClientSetup, renderClientUndo } from "../../../components/clients/clientSetup";
import { issue } from "../../certificates";
import { caCertificate, otherCaCertificate } from "../../publicAuthorities";
import { ClientMachine } from "../clientMachine";
import { shells } from "../shells";

const registry = "nas:9160";
const script = (pem: string) => renderClientSetup(registry, { caCertificate: pem }).macos;
const fingerprint = (pem: string) => authoritiesIn(pem)[0]?.fingerprint256 ?? "";
const hash = (pem: string) => fingerprint(pem).replaceAll(":", "");
const setup = script(caCertificate);
const renewed = script(otherCaCertificate);
const insecure = renderClientSetup(registry, { insecure: true }).macos;
const certificateFile = "home/.docker/certs.d/nas:9160/nas-registry.crt";
let intermediate: string;
beforeAll(async () => {
    const root = await issue("Root", { authority: true });
    ({ certificate: intermediate } = await issue("Intermediate", { authority: true, issuer: root }));
});

/**
 * The commands of macOS that the script uses; the fake keychain is a folder with a file for each certificate in it. Of a
 * file with several certificates it takes the first, as the real one does.
 */
const security = (keychain: string) => `
hash_of() {
    case $(sed -n 2p "$1") in
${[caCertificate, otherCaCertificate, intermediate].map((pem) => `    ${pem.split("\n")[1]}) echo ${hash(pem)} ;;`).join("\n")}
    esac
}
case $1 in
find-certificate)
    for each in $(ls ${keychain}); do echo "SHA-256 hash: $each"; echo "SHA-1 hash: 00"; done ;;
add-trusted-cert)
    [ ! -e ${keychain}-locked ] || exit 1
    as=trustRoot
    [ "$(hash_of "$6")" != ${hash(intermediate)} ] || as=trustAsRoot
    [ "$*" = "add-trusted-cert -r $as -k $HOME/Library/Keychains/login.keychain-db $6" ] || exit 64
    echo trusted >"${keychain}/$(hash_of "$6")" ;;
remove-trusted-cert)
    [ ! -e ${keychain}-locked ] || exit 1
    echo present >"${keychain}/$(hash_of "$2")" ;;
delete-certificate)
    [ "$2 $4" = "-Z $HOME/Library/Keychains/login.keychain-db" ] && rm "${keychain}/$3" ;;
*) exit 64 ;;
esac`;

describe.each(shells)("a Mac under %s", (_, shell) => {
    let mac: ClientMachine;
    beforeEach(() => {
        mac = new ClientMachine(shell);
        mac.write("home/Library/Keychains/login.keychain-db", "");
        mac.write("home/keychain/OTHER", "trusted\n");
        mac.fake("uname", "echo Darwin");
        mac.fake("security", security(`${mac.home}/keychain`));
    });
    afterEach(() => mac.remove());

    const run = async (script: string, ...args: string[]) => {
        const result = await mac.run(script, args, "anybody");
        expect(result).toMatchObject({ code: 0, stderr: "" });
        return result.stdout;
    };

    test("undo leaves keychain and home as they were, and a second setup touches nothing", async () => {
        const before = mac.snapshot();
        expect(await run(setup)).toContain(fingerprint(caCertificate));
        expect(mac.read(`home/keychain/${hash(caCertificate)}`)).toBe("trusted\n");
        expect(mac.read(certificateFile)).toBe(caCertificate);
        const times = mac.times();
        await run(setup);
        expect(mac.times()).toEqual(times);
        await run(setup, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    describe("a root and an intermediate certificate", () => {
        test("are both trusted and shown, and both taken back", async () => {
            const before = mac.snapshot();
            const said = await run(script(caCertificate + intermediate));
            for (const each of [caCertificate, intermediate]) {
                expect(said).toContain(fingerprint(each));
                expect(mac.read(`home/keychain/${hash(each)}`)).toBe("trusted\n");
            }
            const times = mac.times();
            await run(script(caCertificate + intermediate));
            expect(mac.times()).toEqual(times);
            await run(setup, "undo");
            expect(mac.snapshot()).toEqual(before);
        });

        test("of which the keychain had one lose the other alone", async () => {
            mac.write(`home/keychain/${hash(intermediate)}`, "theirs\n");
            const before = mac.snapshot();
            await run(script(caCertificate + intermediate));
            await run(setup, "undo");
            expect(mac.snapshot()).toEqual(before);
        });

        test("become one", async () => {
            await run(setup);
            const alone = mac.snapshot();
            await run(script(intermediate + caCertificate));
            await run(setup);
            expect(mac.snapshot()).toEqual(alone);
        });

        test("are taken back by a second try when a password was not given", async () => {
            const before = mac.snapshot();
            await run(script(caCertificate + intermediate));
            mac.write("home/keychain-locked", "");
            expect((await mac.run(setup, ["undo"], "anybody")).stderr).toContain("run this again and allow it");
            fs.rmSync(mac.path("home/keychain-locked"));
            // Taken out by hand meanwhile.
            fs.rmSync(mac.path("home/keychain", hash(caCertificate)));
            await run(setup, "undo");
            expect(mac.snapshot()).toEqual(before);
        });
    });

    test("a CA that somebody else has put into the keychain stays there", async () => {
        mac.write(`home/keychain/${hash(caCertificate)}`, "theirs\n");
        const before = mac.snapshot();
        await run(setup);
        await run(setup, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    test("another CA takes the first one's place", async () => {
        const before = mac.snapshot();
        await run(setup);
        await run(renewed);
        expect(mac.exists(`home/keychain/${hash(caCertificate)}`)).toBe(false);
        expect(mac.exists(`home/keychain/${hash(otherCaCertificate)}`)).toBe(true);
        await run(renewed, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    test("a password that was not given is said, and a second try goes on", async () => {
        mac.write("home/keychain-locked", "");
        expect(await mac.run(setup, [], "anybody")).toMatchObject({
            code: 1,
            stderr: "nas-registry: the certificate was not added to the keychain; run this again and allow it.\n",
        });
        const locked = await mac.run(setup, ["undo"], "anybody");
        expect(locked.code).toBe(0);
        expect(mac.exists(certificateFile)).toBe(false);
    });

    test("without TLS, daemon.json gets the entry and loses it again", async () => {
        mac.link("jq");
        mac.write("home/.docker/daemon.json", '{"experimental":false}');
        const before = mac.snapshot();
        await run(setup);
        await run(insecure);
        expect(JSON.parse(mac.read("home/.docker/daemon.json"))).toEqual({
            experimental: false,
            "insecure-registries": [registry],
        });
        expect(mac.exists(certificateFile)).toBe(false);
        await run(insecure, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    test("undo without the stack leaves keychain and home as they were", async () => {
        mac.link("jq");
        mac.write("home/.docker/daemon.json", "{}");
        const before = mac.snapshot();
        for (const each of [setup, script(caCertificate + intermediate), insecure]) {
            await run(each);
            expect(mac.snapshot()).not.toEqual(before);
            await run(renderClientUndo(registry, "macos"));
            expect(mac.snapshot()).toEqual(before);
        }
    });

    test("sudo is refused: root has another keychain", async () => {
        expect((await mac.run(setup)).stderr).toContain("run this without sudo");
    });

    test("another machine is told so", async () => {
        mac.fake("uname", "echo Linux");
        expect((await mac.run(setup, [], "anybody")).stderr).toContain("this is not a Mac");
    });
});
