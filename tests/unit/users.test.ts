import * as bcrypt from "bcryptjs";
import { describe, expect, test } from "vitest";

import { renderHtpasswd, withPasswords } from "../../components/registry/users";

const seed = Buffer.alloc(32, 1).toString("base64");
const otherSeed = Buffer.alloc(32, 2).toString("base64");
const passwordsOf = (...args: Parameters<typeof withPasswords>) =>
    Object.fromEntries(withPasswords(...args).map(({ name, password }) => [name, password]));

describe("generated passwords", () => {
    test("are 32 letters and digits", () => {
        expect(passwordsOf([{ name: "admin" }], seed).admin).toMatch(/^[A-Za-z0-9]{32}$/);
    });

    test("differ from user to user, from rotation to rotation and from seed to seed", () => {
        const all = [
            ...withPasswords([{ name: "admin" }, { name: "anna" }, { name: "otto", rotation: "2" }], seed),
            ...withPasswords([{ name: "admin" }, { name: "otto" }], otherSeed),
        ].map(({ password }) => password);
        expect(new Set(all).size).toBe(all.length);
    });

    test("stay when other users come, go or change", () => {
        const before = passwordsOf([{ name: "admin" }, { name: "anna" }], seed);
        const after = passwordsOf([{ name: "otto" }, { name: "anna", rotation: "2" }, { name: "admin" }], seed);
        expect(after.admin).toBe(before.admin);
        expect(after.anna).not.toBe(before.anna);
    });

    test("are told apart from a rotation that looks like part of a name", () => {
        const [one, two] = withPasswords([{ name: "a", rotation: "b" }, { name: "ab" }], seed);
        expect(one?.password).not.toBe(two?.password);
    });
});

test("a password of the user's choice is taken as it is", () => {
    expect(passwordsOf([{ name: "anna", password: "correct horse" }], seed)).toEqual({ anna: "correct horse" });
});

describe("htpasswd", () => {
    const lines = (text: string) =>
        text
            .trim()
            .split("\n")
            .map((line) => line.split(":") as [string, string]);

    test.each([
        ["generated", 4, withPasswords([{ name: "admin" }], seed)],
        ["chosen", 10, withPasswords([{ name: "admin", password: "correct horse" }], seed)],
    ])("a %s password matches its hash, at cost %d", (_, cost, users) => {
        const [[name, hash] = ["", ""]] = lines(renderHtpasswd(users, seed));
        expect(name).toBe("admin");
        expect(bcrypt.getRounds(hash)).toBe(cost);
        expect(bcrypt.compareSync(users[0]?.password ?? "", hash)).toBe(true);
        expect(bcrypt.compareSync("wrong", hash)).toBe(false);
    });

    test("the same users give the same text at every run", () => {
        const users = withPasswords([{ name: "admin" }, { name: "anna" }], seed);
        expect(renderHtpasswd(users, seed)).toBe(renderHtpasswd(users, seed));
    });

    test("the same password has another hash for another user", () => {
        const password = "correct horse";
        const users = withPasswords(
            [
                { name: "anna", password },
                { name: "otto", password },
            ],
            seed,
        );
        const [anna, otto] = lines(renderHtpasswd(users, seed));
        expect(anna?.[1]).not.toBe(otto?.[1]);
    });
});
