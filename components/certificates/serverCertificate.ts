import { isIP } from "node:net";

import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { childOptions, setOutputs } from "../settings/component";
import * as is from "../settings/is";
import { checked, type Section } from "../settings/section";
import { WARNING_DAYS } from "./pem";

/** Kind of a private key. */
export const KeyAlgorithm = {
    /** RSA of 2048 bits, which everything imports and every client knows. */
    Rsa: "rsa",
    /** ECDSA on P-256, with which a slow processor answers faster. DSM before 7 and QTS do not import it. */
    Ecdsa: "ecdsa",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** Arguments of {@link ServerCertificate}. */
export interface ServerCertificateArgs {
    /**
     * Names and addresses that the certificate is for, at least one. @example ["diskstation.local", "192.168.1.20"]
     * @is host
     */
    names: pulumi.Input<pulumi.Input<string>[]>;
    /** Kind of the server's key. Another one makes another certificate, of the same authority. @default "rsa" */
    keyAlgorithm?: pulumi.Input<KeyAlgorithm>;
}

const serverCertificate: Section<ServerCertificateArgs> = {
    check: (problems, { names }) => {
        if (names?.length === 0) {
            problems.add(`names: [] is not allowed; it must have at least one: ${is.host.allowed}.`);
        }
    },
};

/**
 * A server certificate of an authority of its own, as `NasRegistry` has one: for another service on the NAS, or for
 * several registries that clients reach by one name (`tls: given`). The authority is valid for ten years, the certificate
 * for 397 days, and an update within its last 30 days renews it.
 */
export class ServerCertificate extends pulumi.ComponentResource {
    /** Certificate of the authority, PEM: what clients must trust. */
    public readonly caCertificate!: pulumi.Output<string>;
    /** Certificate of the server, PEM. */
    public readonly certificate!: pulumi.Output<string>;
    /** Private key of the server, PEM; a secret. */
    public readonly privateKey!: pulumi.Output<string>;

    constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:ServerCertificate", name, {}, opts);
        const settings = checked(this, "ServerCertificateArgs", args, serverCertificate);
        const keyAlgorithm = settings.apply((all) => all.keyAlgorithm ?? KeyAlgorithm.Rsa);
        const outputs = ownCertificates(name, { names: settings.names, keyAlgorithm }, childOptions(this, opts));
        this.registerOutputs(setOutputs<ServerCertificate>(this, outputs));
    }
}

const CA_HOURS = 3650 * 24;
/** Apple's platforms refuse server certificates of a private authority that are valid for more than 825 days. */
const SERVER_HOURS = 397 * 24;

const KEYS: Record<KeyAlgorithm, { algorithm: string; rsaBits?: number; ecdsaCurve?: string }> = {
    rsa: { algorithm: "RSA", rsaBits: 2048 },
    ecdsa: { algorithm: "ECDSA", ecdsaCurve: "P256" },
};

/** An own certificate authority, and a server certificate for every name and address in `names`. */
export function ownCertificates(
    name: string,
    { names, keyAlgorithm }: { names: pulumi.Output<string[]>; keyAlgorithm: pulumi.Input<KeyAlgorithm> },
    opts: pulumi.CustomResourceOptions,
) {
    // Of a kind that is right wherever the server's certificate will ever go: another authority would be unknown to clients.
    const caPrivateKeyPem = new tls.PrivateKey(
        `${name}-ca`,
        { algorithm: "RSA", rsaBits: 3072 },
        { ...opts, ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"] },
    ).privateKeyPem;
    const { algorithm, rsaBits, ecdsaCurve } = pulumi.output(keyAlgorithm).apply((each) => KEYS[each]);
    const { privateKeyPem } = new tls.PrivateKey(`${name}-server`, { algorithm, rsaBits, ecdsaCurve }, opts);
    const ca = new tls.SelfSignedCert(
        `${name}-ca`,
        {
            privateKeyPem: caPrivateKeyPem,
            isCaCertificate: true,
            setSubjectKeyId: true,
            subject: { commonName: `${name} CA`, organization: "nas-registry" },
            validityPeriodHours: CA_HOURS,
            allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        },
        // A renamed component keeps the authority that its clients trust.
        { ...opts, ignoreChanges: ["subject"] },
    );
    const request = new tls.CertRequest(
        `${name}-server`,
        {
            privateKeyPem,
            // X.509 ends a common name at 64 characters; clients look at the names below only.
            subject: { commonName: names.apply(([first = name]) => first.slice(0, 64)) },
            dnsNames: names.apply((all) => all.filter((each) => isIP(each) === 0)),
            ipAddresses: names.apply((all) => all.filter((each) => isIP(each) !== 0)),
        },
        opts,
    );
    const server = new tls.LocallySignedCert(
        `${name}-server`,
        {
            caCertPem: ca.certPem,
            caPrivateKeyPem,
            certRequestPem: request.certRequestPem,
            validityPeriodHours: SERVER_HOURS,
            earlyRenewalHours: WARNING_DAYS * 24,
            allowedUses: ["server_auth", "digital_signature"],
        },
        opts,
    );
    return { caCertificate: ca.certPem, certificate: server.certPem, privateKey: pulumi.secret(privateKeyPem) };
}
