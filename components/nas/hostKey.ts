/** Host key types whose signatures today's sshd still makes: the command provider pins RSA as SHA-1, which OpenSSH refuses. */
const KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** Says what is wrong with an SSH host key line, or nothing. */
export function hostKeyProblem(line: string): string | undefined {
    if (/\p{Cc}/u.test(line.trim())) {
        // The next line of known_hosts would be a key of any host.
        return "is more than one line";
    }
    const [type = "", blob = ""] = line.trim().split(/\s+/);
    if (!type) {
        return "is missing";
    }
    if (!KEY_TYPES.includes(type)) {
        return `starts with '${type}', which is none of ${KEY_TYPES.join(", ")}`;
    }
    // RFC 4253 section 6.6: the blob starts with the length and the name of its type.
    const bytes = Buffer.from(blob, "base64");
    const nameEnd = 4 + type.length;
    const isWhole = bytes.length > nameEnd && bytes.readUInt32BE(0) === type.length;
    if (!isWhole || bytes.toString("latin1", 4, nameEnd) !== type) {
        return `is not a whole ${type} key`;
    }
    return undefined;
}
