import type { KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import * as pulumi from "@pulumi/pulumi";

import { privateKeySpelling } from "../settings/pem";
import { printable, printableName } from "../settings/printable";
import { arranged, type GivenCertificate } from "./chain";
import {
    authoritiesIn,
    daysLeft,
    isIssuedBy,
    isRoot,
    isSame,
    readableIn,
    splitChain,
    subjectOf,
    WARNING_DAYS,
} from "./pem";
import { whyRefused, whyRefusedBySome } from "./strength";

type Arranged = ReturnType<typeof arranged>;

/** A certificate of the user's, "" where there is none; only its key is a secret. */
export function givenCertificates(given: pulumi.Output<GivenCertificate | undefined>) {
    const files = given.apply((each) => certificateFiles(each ?? { certificate: "", privateKey: "" }, new Date()));
    return {
        caCertificate: pulumi.unsecret(files.apply(({ caCertificate }) => caCertificate)),
        certificate: pulumi.unsecret(files.apply(({ certificate }) => certificate)),
        privateKey: files.apply(({ privateKey }) => privateKey),
    };
}

/** As the server reads them and clients get them. */
export function certificateFiles(given: GivenCertificate, now: Date) {
    return {
        caCertificate: authoritiesIn(given.caCertificate ?? "").join(""),
        certificate: arranged(given, now).chain.join(""),
        privateKey: privateKeySpelling(given.privateKey),
    };
}

/**
 * Checks a certificate, which must have every name and address by which clients reach the server, before it goes anywhere.
 * With an error it cannot be used, with a warning not for long, or not by all. A sentence names a certificate by its subject,
 * and never holds anything of a key.
 */
export function certificateProblems(given: GivenCertificate, names: string[], now: Date) {
    const unreadable = [
        ...readProblems("certificate", given.certificate),
        ...readProblems("caCertificate", given.caCertificate),
    ];
    const found = arranged(given, now);
    const { server, chain, authorities, others } = found;
    if (!server || unreadable.length > 0) {
        return { errors: unreadable, warnings: [] };
    }
    const isServer = (each: X509Certificate) => isSame(each, server);
    const named = (property: string) => (each: X509Certificate) => ({ each, name: `${property}: ${subjectOf(each)}` });
    const all = [...chain.map(named("certificate")), ...authorities.map(named("caCertificate"))];
    const ends = (each: X509Certificate) => daysLeft(each, now) < WARNING_DAYS && daysLeft(each, now) >= 0;
    /** Of an authority that the chain does not need an end is no error: after a change there may be the old one and the new one. */
    const isSpare = (each: X509Certificate) => !chain.some((one) => isSame(one, each) || isIssuedBy(one, each));
    const errors = [
        keyProblem(given.privateKey, found.key, server),
        ...nameProblems(server, names),
        endProblem(found),
        ...all.map(({ each, name }) => !each.ca && each !== server && !isRoot(each) && `${name} is no authority.`),
        ...all.map(({ each, name }) => !isSpare(each) && timeProblem(each, name, now)),
        ...all.map(({ each, name }) => sentence(name, whyRefused(each))),
    ];
    const warnings = [
        ...all.map(({ each, name }) => isSpare(each) && timeProblem(each, name, now)),
        ...all.map(
            ({ each, name }) =>
                ends(each) && `${name} ends in ${daysLeft(each, now)} days, on ${timeOf(each.validTo)}; renew it.`,
        ),
        ...all.flatMap(({ each, name }) => whyRefusedBySome(each, isServer(each)).map((why) => sentence(name, why))),
        ...others.map(
            (each) =>
                `certificate: ${subjectOf(each)} has no part in the chain of ${subjectOf(server)}, and is left out.`,
        ),
    ];
    const isText = (each: unknown) => typeof each === "string";
    return { errors: errors.filter(isText), warnings: warnings.filter(isText) };
}

function sentence(name: string, rest: string | undefined): string | undefined {
    return rest && `${name} ${rest}`;
}

function readProblems(property: string, pem: string | undefined): string[] {
    const all = splitChain(pem ?? "");
    const broken = all.findIndex((each) => readableIn(each).length === 0);
    if (pem === undefined || (broken < 0 && all.length > 0)) {
        return [];
    }
    return all.length > 1
        ? [`${property}: certificate ${broken + 1} of ${all.length} in it cannot be read; copy the file anew.`]
        : [`${property}: there is no certificate in it that can be read; it must be PEM.`];
}

function keyProblem(privateKey: string, key: KeyObject | undefined, server: X509Certificate): string | undefined {
    if (!key) {
        // The error of the parser may quote what it was given.
        const [, how] = UNREADABLE_KEYS.find(([form]) => form.test(privateKey)) ?? [];
        return `privateKey: ${how ?? "it cannot be read; it must be PEM, and not encrypted with a passphrase."}`;
    }
    return server.checkPrivateKey(key)
        ? undefined
        : `privateKey: it is the key of no certificate that is given; give that of ${subjectOf(server)}.`;
}

const UNREADABLE_KEYS: [RegExp, string][] = [
    [/ENCRYPTED/, "it is encrypted with a passphrase; 'openssl pkey -in FILE' asks for it and prints the key without."],
    [/OPENSSH/, "it is in OpenSSH's own form; 'ssh-keygen -p -m PEM -f FILE' turns the file into PEM."],
];

function nameProblems(server: X509Certificate, names: string[]): string[] {
    // A common name counts for nothing with today's clients, and Go knows no asterisk within a label.
    const isIn = (name: string) =>
        isIP(name) ? server.checkIP(name) : server.checkHost(name, { subject: "never", partialWildcards: false });
    const has = server.subjectAltName;
    const hint = (name: string) =>
        has?.split(", ").includes(`DNS:${name}`) && isIP(name)
            ? "; an address must be in it as one, not as a DNS name"
            : "";
    return names
        .filter((name) => isIn(name) === undefined)
        .map((name) =>
            has
                ? `certificate: it is not for '${name}'; the names in it are ${printable(has)}${hint(name)}.`
                : `certificate: it is not for '${name}'; it has no alternative names, and clients do not look at its common name.`,
        );
}

/** Why clients do not get from the chain's end to an authority that they know. */
function endProblem({ chain, given, authorities, root }: Arranged): string | undefined {
    const [last] = chain.slice(-1);
    // One that signs itself is among the authorities, or another one with its name and key is.
    if (!last || authorities.some((each) => chain.some((one) => isSame(one, each) || isIssuedBy(one, each)))) {
        return undefined;
    }
    const isSelfSigned = isRoot(last);
    const namesake = given.find((each) => each !== last && each.subject === last.issuer && !isIssuedBy(last, each));
    if (namesake) {
        return `certificate: ${subjectOf(last)} is not signed by the ${subjectOf(namesake)} that is given, but by another of this name; give that one.`;
    }
    if (authorities.length === 0) {
        // Public authorities sign servers through an intermediate, and clients have only the authority itself.
        return chain.length > 1 || isSelfSigned || root
            ? undefined
            : `certificate: it ends with ${subjectOf(last)}, whose issuer '${printableName(last.issuer)}' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.`;
    }
    return isSelfSigned || root
        ? `certificate: its chain ends with ${subjectOf(root ?? last)}, which is not in caCertificate.`
        : `certificate: ${subjectOf(last)} is not signed by ${authorities.map(subjectOf).join(" or ")} of caCertificate; add the intermediate certificates, or give the authority's own.`;
}

function timeProblem({ validFrom, validTo }: X509Certificate, name: string, now: Date): string | false {
    if (now < new Date(validFrom)) {
        return `${name} is not valid before ${timeOf(validFrom)}.`;
    }
    return now > new Date(validTo) && `${name} has expired on ${timeOf(validTo)}; renew it.`;
}

function timeOf(date: string): string {
    return new Date(date).toISOString();
}
