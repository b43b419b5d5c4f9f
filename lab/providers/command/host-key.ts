/** A pinned SSH host key: `<type> <base64> [comment]`, with or without something in front, as in authorized_keys. */
export interface HostKey {
    type: string;
    blob: Buffer;
}

const TYPES = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))$/;

export function parseHostKey(line: string): HostKey {
    const words = line.trim().split(/\s+/);
    const at = words.findIndex((word) => TYPES.test(word));
    const type = words[at];
    const blob = Buffer.from(words[at + 1] ?? "", "base64");
    if (type === undefined || blob.length < 4 || !blob.subarray(4).toString("latin1").startsWith(type)) {
        throw new Error("failed to parse host key: ssh: no key found");
    }
    return { type, blob };
}
