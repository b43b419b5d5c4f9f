import { frameworkResource } from "../core/framework";
import { string } from "../core/schema";
import { text } from "../core/values";
import { CERTIFICATE, dueProperties, planRenewal, refreshRenewal } from "./certificate-schema";
import { parsePrivateKey } from "./keys";
import { OWNER } from "./private-key";

export const locallySignedCert = frameworkResource(OWNER, {
    schema: {
        ...CERTIFICATE,
        caCertPem: string({ required: true, replaces: true }),
        caPrivateKeyPem: string({ required: true, replaces: true, secret: true }),
        certRequestPem: string({ required: true, replaces: true }),
        caKeyAlgorithm: string({ output: true }),
    },
    plan: planRenewal,
    refresh: refreshRenewal,
    due: dueProperties,
    async create(planned) {
        const { signRequest } = await import("./certificates");
        const caKey = text(planned, "caPrivateKeyPem") ?? "";
        const certificate = await signRequest(
            planned,
            text(planned, "certRequestPem") ?? "",
            text(planned, "caCertPem") ?? "",
            caKey,
        );
        return {
            id: certificate.id,
            outputs: { ...certificate, caKeyAlgorithm: parsePrivateKey(caKey).algorithm },
        };
    },
});
