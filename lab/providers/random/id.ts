import { randomBytes } from "node:crypto";
import { frameworkResource } from "../core/framework";
import { atLeast } from "../core/framework-rules";
import { map, number, string } from "../core/schema";
import { number as numberOf, text } from "../core/values";

export const randomId = frameworkResource("the lab's substitute of the random provider", {
    schema: {
        keepers: map({ replaces: true }),
        byteLength: number({ required: true, replaces: true, validate: atLeast(1) }),
        prefix: string({ replaces: true }),
        b64Std: string({ output: true }),
        b64Url: string({ output: true }),
        dec: string({ output: true }),
        hex: string({ output: true }),
        id: string({ output: true }),
    },
    create(planned) {
        const bytes = randomBytes(numberOf(planned, "byteLength") ?? 0);
        const prefix = text(planned, "prefix") ?? "";
        const id = bytes.toString("base64url");
        const hex = bytes.toString("hex");
        return {
            id,
            outputs: {
                id,
                b64Url: prefix + id,
                b64Std: prefix + bytes.toString("base64"),
                hex: prefix + hex,
                dec: prefix + BigInt(`0x${hex}`).toString(),
            },
        };
    },
});
