/** @peculiar/x509 as Node.js needs it. */
import "./reflect";
import { webcrypto } from "node:crypto";
import { cryptoProvider } from "@peculiar/x509";

// The library's types are those of browsers; Node.js' WebCrypto is the same thing under another type.
cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

export * from "@peculiar/x509";
