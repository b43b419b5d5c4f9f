import { X509Certificate } from "node:crypto";

/** Blocks of PEM with what each says it is. A form or a variable often has all on one line, or `\n` for each line break. */
function blocksIn(text: string) {
    const blocks = text.replace(/(\\r)?\\n/g, "\n").matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END \1-----/g);
    return [...blocks].map(([block, label = "", body = ""]) => ({ block, label, body }));
}

/** Headers, as older encrypted keys have them, stay where they are. */
function written(label: string, body: string): string {
    const lines = body.includes(":")
        ? [body.trim().replace(/\r\n?/g, "\n")]
        : body.replace(/\s/g, "").match(/.{1,64}/g);
    return [`-----BEGIN ${label}-----`, ...(lines ?? []), `-----END ${label}-----`, ""].join("\n");
}

/** The certificates alone, as Go and OpenSSL both read them: no text beside them, no key, no name of older programs for them. */
export function certificatesSpelling(text: string): string {
    const certificates = blocksIn(text).filter(({ label }) => /^((X509|TRUSTED) )?CERTIFICATE$/.test(label));
    return certificates.map(({ label, body }) => certificateSpelling(written(label, body))).join("") || text;
}

/** What OpenSSL adds to a trusted one goes. */
function certificateSpelling(pem: string): string {
    try {
        return new X509Certificate(pem).toString();
    } catch {
        return pem;
    }
}

/** The first key alone, without the parameters that OpenSSL writes before one of a curve. */
export function privateKeySpelling(text: string): string {
    const key = blocksIn(text).find(({ label }) => /\bPRIVATE KEY$/.test(label));
    return key ? written(key.label, key.body) : text;
}

const OTHER: [RegExp, string][] = [
    [/-----BEGIN (NEW )?CERTIFICATE REQUEST-/, "a request for a certificate; give what the authority made of it"],
    [/-----BEGIN (PKCS7|CMS)-/, "a PKCS #7 bundle, of which 'openssl pkcs7 -print_certs -in FILE' makes PEM"],
    [/-----BEGIN [A-Z0-9 ]+-----(?![^]*-----END )/, "cut off: the line that begins with -----END is missing"],
    [/-----BEGIN [A-Z ]*PUBLIC KEY-/, "a public key"],
    [/-----BEGIN [A-Z ]*PRIVATE KEY-/, "a private key"],
    [/-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-/, "a certificate"],
    [/^\s*LS0tLS1CRUdJTi/, "base64 of PEM, which 'base64 -d' turns into PEM"],
    [/^\s*MI[A-Za-z0-9+/=\s]+$/, "base64 without the lines that begin with -----BEGIN and -----END"],
    [
        /[\0-\x08\x0e-\x1f\ufffd]/,
        "a binary file, PKCS #12 (.pfx, .p12) or DER (.der, .cer), of which 'openssl pkcs12 -nodes -in FILE' or 'openssl x509 -inform der -in FILE' makes PEM",
    ],
    [/^[^\n]+\.(pem|crt|cer|der|key|pfx|p12)$/i, "the name of a file; give what is in it"],
];

/** What a text without the PEM that was asked for is, in words that follow "it is". */
export function otherThanPem(text: string): string | undefined {
    return OTHER.find(([form]) => form.test(text))?.[1];
}
