import { frameworkResource } from "../core/framework";
import { boolean, string } from "../core/schema";
import { text } from "../core/values";
import { CERTIFICATE, dueProperties, planRenewal, refreshRenewal } from "./certificate-schema";
import { parsePrivateKey } from "./keys";
import { OWNER } from "./private-key";
import { ALTERNATIVE_NAMES, SUBJECT } from "./subject";

export const selfSignedCert = frameworkResource(OWNER, {
    schema: {
        ...CERTIFICATE,
        ...ALTERNATIVE_NAMES,
        subject: SUBJECT,
        privateKeyPem: string({ required: true, replaces: true, secret: true }),
        setAuthorityKeyId: boolean({ default: false, replaces: true }),
        keyAlgorithm: string({ output: true }),
    },
    plan: planRenewal,
    refresh: refreshRenewal,
    due: dueProperties,
    async create(planned) {
        const { selfSign } = await import("./certificates");
        const pem = text(planned, "privateKeyPem") ?? "";
        const certificate = await selfSign(planned, pem);
        return {
            id: certificate.id,
            outputs: { ...certificate, keyAlgorithm: parsePrivateKey(pem).algorithm },
        };
    },
});
