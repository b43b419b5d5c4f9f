import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { certificateFingerprint, renderClientSetup } from "../../../components/trust/clientSetup";
import { ClientMachine } from "../clientMachine";
import { shells } from "../shells";

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const registry = "nas:9160";
const setup = renderClientSetup(registry, { kind: "authority", caCertificate: pem("AAAA") }).macos;
const renewed = renderClientSetup(registry, { kind: "authority", caCertificate: pem("BBBB") }).macos;
const insecure = renderClientSetup(registry, { kind: "insecure" }).macos;
const hash = (body: string) => certificateFingerprint(pem(body)).replaceAll(":", "");
const certificateFile = "home/.docker/certs.d/nas:9160/nas-registry.crt";

/** The commands of macOS that the script uses; the fake keychain is a folder with a file for each certificate in it. */
const security = (keychain: string) => `
hash_of() {
    case $(sed -n 2p "$1") in
    AAAA) echo ${hash("AAAA")} ;;
    BBBB) echo ${hash("BBBB")} ;;
    esac
}
case $1 in
find-certificate)
    for each in $(ls ${keychain}); do echo "SHA-256 hash: $each"; echo "SHA-1 hash: 00"; done ;;
add-trusted-cert)
    [ ! -e ${keychain}-locked ] || exit 1
    [ "$*" = "add-trusted-cert -r trustRoot -k $HOME/Library/Keychains/login.keychain-db $6" ] || exit 64
    echo trusted >"${keychain}/$(hash_of "$6")" ;;
remove-trusted-cert)
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
        expect(await run(setup)).toContain(certificateFingerprint(pem("AAAA")));
        expect(mac.read(`home/keychain/${hash("AAAA")}`)).toBe("trusted\n");
        expect(mac.read(certificateFile)).toBe(pem("AAAA"));
        const times = mac.times();
        await run(setup);
        expect(mac.times()).toEqual(times);
        await run(setup, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    test("a CA that somebody else has put into the keychain stays there", async () => {
        mac.write(`home/keychain/${hash("AAAA")}`, "theirs\n");
        const before = mac.snapshot();
        await run(setup);
        await run(setup, "undo");
        expect(mac.snapshot()).toEqual(before);
    });

    test("another CA takes the first one's place", async () => {
        const before = mac.snapshot();
        await run(setup);
        await run(renewed);
        expect(mac.exists(`home/keychain/${hash("AAAA")}`)).toBe(false);
        expect(mac.exists(`home/keychain/${hash("BBBB")}`)).toBe(true);
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

    test("sudo is refused: root has another keychain", async () => {
        expect((await mac.run(setup)).stderr).toContain("run this without sudo");
    });

    test("another machine is told so", async () => {
        mac.fake("uname", "echo Linux");
        expect((await mac.run(setup, [], "anybody")).stderr).toContain("this is not a Mac");
    });
});
