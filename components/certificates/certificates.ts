import { isIP } from "node:net";

import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import type { GivenCertificate } from "./givenCertificate";
import { authoritiesIn, WARNING_DAYS } from "./pem";

const HOURS_PER_DAY = 24;
const CA_DAYS = 3650;
/** Apple's platforms refuse server certificates of a private authority that are valid for more than 825 days. */
const SERVER_DAYS = 397;

/** A server certificate with what belongs to it, PEM; "" without TLS. */
export interface RegistryCertificates {
    /** Public, what clients must trust; "" when that is the public authorities. */
    caCertificate: pulumi.Output<string>;
    /** The server's own first. */
    certificate: pulumi.Output<string>;
    /** A secret. */
    privateKey: pulumi.Output<string>;
}

/** A certificate of the user's, if there is one; only its key is a secret. */
export function givenCertificates(given: pulumi.Output<GivenCertificate | undefined>): RegistryCertificates {
    return {
        caCertificate: pulumi.unsecret(given.apply((each) => authoritiesIn(each?.caCertificate ?? "").join(""))),
        certificate: pulumi.unsecret(given.apply((each) => each?.certificate ?? "")),
        privateKey: given.apply((each) => each?.privateKey ?? ""),
    };
}

/** An own certificate authority, and a server certificate for every name and address in `names`. */
export function ownCertificates(
    name: string,
    names: pulumi.Output<string[]>,
    opts: pulumi.CustomResourceOptions,
): RegistryCertificates {
    const privateKeyOf = (whose: string) =>
        new tls.PrivateKey(`${name}-${whose}`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts).privateKeyPem;
    const caPrivateKeyPem = privateKeyOf("ca");
    const privateKey = privateKeyOf("server");
    const ca = new tls.SelfSignedCert(
        `${name}-ca`,
        {
            privateKeyPem: caPrivateKeyPem,
            isCaCertificate: true,
            setSubjectKeyId: true,
            subject: { commonName: `${name} CA`, organization: "nas-registry" },
            validityPeriodHours: CA_DAYS * HOURS_PER_DAY,
            allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        },
        // A renamed component keeps the authority that its clients trust.
        { ...opts, ignoreChanges: ["subject"] },
    );
    const request = new tls.CertRequest(
        `${name}-server`,
        {
            privateKeyPem: privateKey,
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
            validityPeriodHours: SERVER_DAYS * HOURS_PER_DAY,
            earlyRenewalHours: WARNING_DAYS * HOURS_PER_DAY,
            allowedUses: ["server_auth", "digital_signature"],
        },
        opts,
    );
    return { caCertificate: ca.certPem, certificate: server.certPem, privateKey: pulumi.secret(privateKey) };
}
