import { certificatesIn } from "./pem";

/** A certificate that clients are to trust. */
export interface Authority {
    /** PEM as openssl writes it, with a newline at its end. */
    pem: string;
    /** SHA-256, as openssl and browsers write it: `AB:CD:…`. */
    fingerprint: string;
    /** It is nobody else's certificate that vouches for it: no intermediate one. */
    isRoot: boolean;
}

/**
 * The certificates of a PEM text, each once and in its order. Nothing else of the text is in them, so that what clients get
 * is what its fingerprints say.
 *
 * @throws Error when one of them cannot be read.
 */
export function authoritiesIn(pem: string): Authority[] {
    return [...new Map(certificatesIn(pem).map((each) => [each.fingerprint256, each])).values()].map((each) => ({
        pem: each.toString(),
        fingerprint: each.fingerprint256,
        isRoot: each.checkIssued(each),
    }));
}

/** What clients get of a PEM text. */
export function authorityBundle(pem: string): string {
    return authoritiesIn(pem)
        .map((each) => each.pem)
        .join("");
}
