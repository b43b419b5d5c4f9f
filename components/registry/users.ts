import { hkdfSync } from "node:crypto";

import type * as pulumi from "@pulumi/pulumi";
import * as bcrypt from "bcryptjs";

import type { UserArgs } from "./sections/auth";

/**
 * bcrypt cost for generated passwords, the least there is. The registry checks the hash at every request, of which a push has five
 * for a layer; against a password of 190 random bits a higher cost protects nothing.
 */
const GENERATED_PASSWORD_COST = "04";
/** bcrypt cost for passwords of somebody's choice, which can be guessed. */
const CHOSEN_PASSWORD_COST = "10";

/** A user with the password that is in force, and what its hash costs. */
export type User = ReturnType<typeof withPasswords>[number];

/**
 * The users with their passwords. Generated ones are derived from one seed, 32 random bytes in base64, so that a user more, a
 * user less or another `rotation` changes no other user's.
 */
export function withPasswords(users: pulumi.Unwrap<UserArgs>[], seed: string) {
    return users.map(({ name, password, rotation = "" }) => ({
        name,
        password: password ?? generatedPassword(seed, name, rotation),
        cost: password === undefined ? GENERATED_PASSWORD_COST : CHOSEN_PASSWORD_COST,
    }));
}

const PASSWORD_LENGTH = 32;

function generatedPassword(seed: string, name: string, rotation: string): string {
    // More bytes than the password has, since two of base64's 64 characters are left out.
    const text = derive(seed, 2 * PASSWORD_LENGTH, "password", name, rotation).toString("base64");
    return text.replace(/[^A-Za-z0-9]/g, "").slice(0, PASSWORD_LENGTH);
}

/** RFC 5869; the parts are told apart by JSON, whatever characters they have. */
function derive(seed: string, length: number, ...purpose: string[]): Buffer {
    return Buffer.from(hkdfSync("sha256", Buffer.from(seed, "base64"), "", JSON.stringify(purpose), length));
}

/** An htpasswd file. Salts are derived and not drawn, so that the same users give the same text at every run. */
export function renderHtpasswd(users: User[], seed: string): string {
    const lines = users.map(({ name, password, cost }) => {
        const salt = bcrypt.encodeBase64(derive(seed, 16, "salt", name, password), 16);
        return `${name}:${bcrypt.hashSync(password, `$2b$${cost}$${salt}`)}\n`;
    });
    return lines.join("");
}
