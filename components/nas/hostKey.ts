/** Host key types whose signatures today's sshd still makes: the command provider pins RSA as SHA-1, which OpenSSH refuses. */
const KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** Says what is wrong with an SSH host key line, or nothing. */
export function hostKeyProblem(text: string): string | undefined {
    const line = text.trim();
    if (!line) {
        return "is missing";
    }
    if (/[\r\n\u0085\u2028\u2029]/.test(line)) {
        // The next line of known_hosts would be a key of any host.
        return "is more than one line";
    }
    if (/[\0-\x1f\x7f-\x9f]/.test(line)) {
        return "has control characters";
    }
    const [type = "", blob = ""] = line.split(/\s+/);
    if (!KEY_TYPES.includes(type)) {
        return `starts with '${type}', which is none of ${KEY_TYPES.join(", ")}`;
    }
    // RFC 4253 section 6.6: the blob starts with the length and the name of its type.
    const bytes = Buffer.from(blob, "base64");
    const nameEnd = 4 + type.length;
    const isWhole = bytes.length > nameEnd && bytes.readUInt32BE(0) === type.length;
    // Node passes over whatever is not base64.
    if (!isWhole || bytes.toString("base64") !== blob || bytes.toString("latin1", 4, nameEnd) !== type) {
        return `is not a whole ${type} key`;
    }
    return undefined;
}

/** Type and key of a host key line, without its comment and whatever else follows: all that known_hosts needs. */
export function bareHostKey(line: string): string {
    return line.trim().split(/\s+/, 2).join(" ");
}
