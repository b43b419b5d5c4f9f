import { generateKeyPairSync } from "node:crypto";
import { sshPrivateKey, sshPublicKey } from "../../tls/openssh";

/** A key pair for SSH. (Not made with ssh2: one in some hundred of its Ed25519 keys cannot be read again.) */
export function sshKeyPair(kind: "ed25519" | "ecdsa" = "ed25519"): { public: string; private: string } {
    const { privateKey } =
        kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return { public: sshPublicKey(privateKey).line.trim(), private: sshPrivateKey(privateKey) };
}
