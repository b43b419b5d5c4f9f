import * as bcrypt from "bcryptjs";
import { expect, test } from "vitest";

import { htpasswdLine } from "../../components/registry/users";

const salt = Buffer.from("0123456789abcdef").toString("base64");

test("the password matches its hash, at the cost for generated passwords", () => {
    const [name, hash = ""] = htpasswdLine("admin", "correct horse", salt).trim().split(":");
    expect(name).toBe("admin");
    expect(bcrypt.getRounds(hash)).toBe(5);
    expect(bcrypt.compareSync("correct horse", hash)).toBe(true);
    expect(bcrypt.compareSync("wrong", hash)).toBe(false);
});

test("the same user gives the same line at every run", () => {
    expect(htpasswdLine("admin", "correct horse", salt)).toBe(htpasswdLine("admin", "correct horse", salt));
});

test("another salt gives another line", () => {
    const other = Buffer.from("fedcba9876543210").toString("base64");
    expect(htpasswdLine("admin", "correct horse", other)).not.toBe(htpasswdLine("admin", "correct horse", salt));
});
