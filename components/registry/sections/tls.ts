import type * as pulumi from "@pulumi/pulumi";

import { certificateProblems } from "../../certificates/givenCertificate";
import { keyKindOf } from "../../certificates/chain";
import type { Keyless } from "../../nas/connection";
import type { NasArgs } from "../../nas/nas";
import { importProblem } from "../../nas/synology/reverseProxy";
import { CONFIG_MOUNT } from "./container";
import { checkNeeds, filled, is, type Known, section } from "./section";

/** Where the registry's certificate comes from. */
export const TlsMode = {
    /** An authority of the registry's own, which clients must trust (`clientSetup`). Renewed by `up`. */
    OwnAuthority: "own-authority",
    /** A certificate of yours, in `certificate`. */
    Given: "given",
    /**
     * The NAS's own web server, on port 443, for Synology: a reverse proxy rule of DSM for `hostName`, and a certificate
     * that is imported into DSM for it: yours if you give one, else one of an authority of the registry's own.
     */
    ReverseProxy: "reverse-proxy",
    /** No TLS: passwords and images are readable on the network, and clients must be told that this is meant. */
    None: "none",
} as const;
export type TlsMode = (typeof TlsMode)[keyof typeof TlsMode];

/** Lowest version of TLS. */
export const TlsVersion = {
    /** TLS 1.2. */
    Tls12: "tls1.2",
    /** TLS 1.3. */
    Tls13: "tls1.3",
} as const;
export type TlsVersion = (typeof TlsVersion)[keyof typeof TlsVersion];

/** A certificate of yours. */
export interface CertificateArgs {
    /** PEM of the server certificate and the intermediate ones; they are put into their order, and what has no part in it is left out. @is secret certificates */
    certificate: pulumi.Input<string>;
    /** PEM of its private key; always kept as a secret. @is secret privateKey */
    privateKey: pulumi.Input<string>;
    /**
     * PEM of the authority, where clients do not know it, with intermediate ones if they shall trust those, too.
     * @default a public authority @is secret certificates
     */
    caCertificate?: pulumi.Input<string>;
}

/** Encryption, and whom the registry and its clients trust. */
export interface TlsArgs {
    /**
     * Where the certificate comes from. It must be known when the program runs.
     * @default "own-authority", and "none" in the tier `basic`
     */
    tls?: TlsMode;
    /**
     * Certificate for `tls: given` and, if you have one, for `tls: reverse-proxy`. Whether it is given must be known when
     * the program runs. @default none
     */
    certificate?: pulumi.Input<CertificateArgs>;
    /**
     * Further names and addresses for the certificate, besides `hostName` and, when the registry shows a certificate of
     * its own authority, `connection.host`. @default none @example ["diskstation", "192.168.1.20"] @is host
     */
    certificateNames?: pulumi.Input<pulumi.Input<string>[]>;
    /** Lowest version of TLS. @default "tls1.2" */
    minimumTls?: pulumi.Input<TlsVersion>;
    /**
     * PEM of further authorities that the registry trusts: of an object storage, an upstream registry, a token server or an
     * endpoint of notifications. @default the public ones that the image knows @is certificates
     */
    trustedCertificates?: pulumi.Input<string>;
}

const CERTIFICATE_FILE = "certificate.pem";
const KEY_FILE = "private-key.pem";
const TRUSTED_FILE = "trusted-certificates.pem";

/** Whether the registry itself speaks TLS. */
export function speaksTls(tls: TlsMode): boolean {
    return tls === "own-authority" || tls === "given";
}

type Named = Keyless<NasArgs> & { hostName?: pulumi.Input<string> };

export const tls = section<TlsArgs & Named, unknown, { server?: ServerKeyPair }>()({
    confidential: ["certificate"],
    preset: ({ tier }) => ({ tls: tier === "basic" ? "none" : "own-authority" }),
    check: (problems, args) => {
        if (args.tls !== "reverse-proxy") {
            checkNeeds(problems, args, "certificate", args.tls === "given", "tls given");
        }
        const { certificate, privateKey, caCertificate } = args.certificate ?? {};
        const names = knownNames(args);
        const isPem = [certificate, caCertificate ?? certificate].every((pem) => pem && is.certificates.isRight(pem));
        if (isPem && certificate && privateKey && is.privateKey.isRight(privateKey) && names) {
            const { errors } = certificateProblems({ certificate, privateKey, caCertificate }, names, new Date());
            errors.forEach((error) => problems.add(`certificate.${error}`));
        }
        const problem = args.tls === "reverse-proxy" && privateKey && importProblem(keyKindOf(privateKey));
        if (problem) {
            problems.add(problem);
        }
        if ("minimumTls" in args && args.tls && !speaksTls(args.tls)) {
            problems.add(
                `minimumTls: it is used with tls own-authority and given only, and tls is ${args.tls}; set one of those, or leave minimumTls out.`,
            );
        }
    },
    idle: ({ tls }) => ({ certificateNames: tls === "none" && "tls none" }),
    settings: ({ tls, connection, hostName = connection.host, certificateNames = [], ...args }) => ({
        tls,
        /** First the one by which clients reach the registry; SSH's costs nothing where the certificate is made here. */
        certificateNames: [
            ...new Set([hostName, ...(tls === "own-authority" ? [connection.host] : []), ...certificateNames]),
        ],
        ...filled(args, { minimumTls: TlsVersion.Tls12, trustedCertificates: undefined }),
    }),
    /** Whether the certificate is the user's, too. */
    structure: ({ tls, certificate }) => ({ tls, hasCertificate: certificate !== undefined }),
    keys: {
        "http.tls.certificate": ["tls and certificate", inTls(`${CONFIG_MOUNT}/${CERTIFICATE_FILE}`)],
        "http.tls.key": ["tls and certificate", inTls(`${CONFIG_MOUNT}/${KEY_FILE}`)],
        "http.tls.minimumtls": ["minimumTls", ({ tls, minimumTls }) => (speaksTls(tls) ? minimumTls : undefined)],
        "http.tls.letsencrypt": ["tls and certificate"],
    },
    files: ({ tls, trustedCertificates }, { server }) => ({
        [CERTIFICATE_FILE]: speaksTls(tls) ? server?.certificate : undefined,
        [KEY_FILE]: speaksTls(tls) ? server?.privateKey : undefined,
        [TRUSTED_FILE]: trustedCertificates,
    }),
    // Go reads the image's own directory of authorities besides.
    environment: ({ trustedCertificates }) =>
        trustedCertificates ? [`SSL_CERT_FILE=${CONFIG_MOUNT}/${TRUSTED_FILE}`] : [],
});

function inTls(value: string) {
    return ({ tls }: { tls: TlsMode }) => (speaksTls(tls) ? value : undefined);
}

/** What the registry shows to clients; undefined where it does not speak TLS. */
export type ServerKeyPair = Partial<Record<"certificate" | "privateKey", string>>;

/** By which clients reach the registry; undefined while one of them is not known. */
function knownNames(args: Known<TlsArgs & Named>): string[] | undefined {
    const hostName = "hostName" in args ? args.hostName : args.connection?.host;
    const further = "certificateNames" in args ? args.certificateNames : [];
    const names = [hostName, ...(further ?? [undefined])];
    return names.every((name) => name !== undefined) ? names : undefined;
}
