import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** Certificates of public authorities, PEM as openssl writes it: real ones, for tests that need any. */
export const publicAuthorities = rootCertificates.slice(0, 20).map((pem) => new X509Certificate(pem).toString());
export const [caCertificate = "", otherCaCertificate = ""] = publicAuthorities;
