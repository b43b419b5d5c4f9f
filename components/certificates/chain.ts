import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

import { privateKeySpelling } from "../settings/pem";
import { certificatesIn, daysLeft, isIssuedBy, isRoot, readableIn } from "./pem";

/** A server certificate that the user brings, PEM. */
export interface GivenCertificate {
    /** The server certificate, with its intermediates. */
    certificate: string;
    /** Private key of the server certificate. */
    privateKey: string;
    /** Certificate of a private authority that clients trust; without it they trust public authorities. */
    caCertificate?: string;
}

/**
 * What was given, in its place. `chain` is what the server shows: its own certificate, each signed by the next, without what
 * clients have themselves. `root` is what it ended with, and `others` have no part in it.
 */
export function arranged(
    { certificate, privateKey, caCertificate = "" }: GivenCertificate,
    now: Date,
    publicRoots = () => certificatesIn(rootCertificates.join("")),
) {
    const given = readableIn(certificate);
    const authorities = readableIn(caCertificate);
    const key = readableKey(privateKey);
    const server = serverOf(given, key, now);
    const whole = server ? chainFrom(server, given, now) : [];
    const chain = shown(whole, authorities.length > 0 ? () => authorities : publicRoots, now);
    const hasPart = (each: X509Certificate) => whole.some((one) => isOfSameKey(one, each));
    return {
        given,
        key,
        server,
        chain,
        authorities,
        root: whole.find((each) => !chain.includes(each) && isRoot(each)),
        others: given.filter((each) => !hasPart(each)),
    };
}

function readableKey(pem: string): KeyObject | undefined {
    try {
        return createPrivateKey(privateKeySpelling(pem));
    } catch {
        return undefined;
    }
}

/** The one with the key; of several one that is valid, for the longest time. */
function serverOf(given: X509Certificate[], key: KeyObject | undefined, now: Date): X509Certificate | undefined {
    const fitting = given
        .filter((each) => key && each.checkPrivateKey(key))
        .sort((a, b) => daysLeft(b, now) - daysLeft(a, now));
    return (
        fitting.find((each) => now >= new Date(each.validFrom)) ?? fitting[0] ?? given.find(({ ca }) => !ca) ?? given[0]
    );
}

/** From one on, each signed by the next, as far as there are any. An authority may have several, of several issuers. */
function chainFrom(first: X509Certificate, given: X509Certificate[], now: Date): X509Certificate[] {
    const worth = (each: X509Certificate) => (hasEnded(each, now) ? 2 : 0) + (isRoot(each) ? 1 : 0);
    const rest = given.filter((each) => each !== first);
    const issuers = isRoot(first) ? [] : rest.filter((each) => isIssuedBy(first, each));
    const [issuer] = issuers.sort((a, b) => worth(a) - worth(b));
    return [first, ...(issuer ? chainFrom(issuer, rest, now) : [])];
}

/** Without the root, and without an end that has expired when clients have its issuer by another certificate. */
function shown(chain: X509Certificate[], known: () => X509Certificate[], now: Date): X509Certificate[] {
    const [signed, last] = chain.slice(-2);
    const isWithClients = (root: X509Certificate) => signed && isIssuedBy(signed, root);
    return last && (isRoot(last) || (hasEnded(last, now) && known().some(isWithClients)))
        ? shown(chain.slice(0, -1), known, now)
        : chain;
}

function hasEnded(certificate: X509Certificate, now: Date): boolean {
    return daysLeft(certificate, now) < 0;
}

/** One of them takes the other's place: a renewed one, or one of the same authority by another issuer. */
function isOfSameKey(a: X509Certificate, b: X509Certificate): boolean {
    return a.subject === b.subject && a.publicKey.equals(b.publicKey);
}

/** What a private key is, as OpenSSL calls it: rsa, ec, ed25519. */
export function keyKindOf(privateKey: string): string | undefined {
    return readableKey(privateKey)?.asymmetricKeyType;
}
