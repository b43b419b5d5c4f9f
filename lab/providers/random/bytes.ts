import { randomBytes as bytesOf } from "node:crypto";
import { frameworkResource } from "../core/framework";
import { atLeast } from "../core/framework-rules";
import { map, number, string } from "../core/schema";
import { number as numberOf } from "../core/values";

export const randomBytes = frameworkResource("the lab's substitute of the random provider", {
    schema: {
        keepers: map({ replaces: true }),
        length: number({ required: true, replaces: true, validate: atLeast(1) }),
        base64: string({ output: true, secret: true }),
        hex: string({ output: true, secret: true }),
    },
    create(planned) {
        const bytes = bytesOf(numberOf(planned, "length") ?? 0);
        const base64 = bytes.toString("base64");
        return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
    },
});
