import { createHash } from "node:crypto";
import { frameworkResource } from "../core/framework";
import { string } from "../core/schema";
import { text } from "../core/values";
import { parsePrivateKey } from "./keys";
import { OWNER } from "./private-key";
import { ALTERNATIVE_NAMES, SUBJECT } from "./subject";

export const certRequest = frameworkResource(OWNER, {
    schema: {
        ...ALTERNATIVE_NAMES,
        subject: SUBJECT,
        privateKeyPem: string({ required: true, replaces: true, secret: true }),
        certRequestPem: string({ output: true }),
        keyAlgorithm: string({ output: true }),
        id: string({ output: true }),
    },
    async create(planned) {
        const { requestCertificate } = await import("./certificates");
        const pem = text(planned, "privateKeyPem") ?? "";
        const request = await requestCertificate(planned, pem);
        const id = createHash("sha1").update(request.der).digest("hex");
        return {
            id,
            outputs: { id, certRequestPem: request.pem, keyAlgorithm: parsePrivateKey(pem).algorithm },
        };
    },
});
