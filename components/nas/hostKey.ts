/** Types whose signatures today's sshd still makes: the command provider pins RSA as SHA-1, which OpenSSH refuses. */
const KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** A host's name as ssh-keyscan writes it in front of a key, hashed or not; a pattern would be of other hosts, too. */
const KNOWN_NAME = /^[\w.,:[\]|+/=-]+$/;

/** The keys in what ssh-keyscan prints, the best first. Since OpenSSH 9.8 it prints comments, too; `cut -f2-` takes their # away. */
function keysIn(text: string): { type: string; blob: string }[] {
    const lines = text.split(/[\r\n\u0085\u2028\u2029]+/).map((line) => line.trim());
    const keys = lines
        .filter((line) => line !== "" && !/^#|^\S+ SSH-2\.0-/.test(line))
        .map((line) => {
            const words = line.split(/\s+/);
            const isNamed = KNOWN_NAME.test(words[0] ?? "") && /^(ssh|ecdsa)-/.test(words[1] ?? "");
            const [type = "", blob = ""] = isNamed ? words.slice(1) : words;
            return { type, blob };
        });
    const rank = ({ type }: { type: string }) => [...KEY_TYPES, type].indexOf(type);
    return keys.sort((one, other) => rank(one) - rank(other));
}

/** Says what is wrong with a host key, or nothing. */
export function hostKeyProblem(text: string): string | undefined {
    const keys = keysIn(text);
    const [best, next] = keys;
    if (!best) {
        return "is missing";
    }
    if (/[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]/.test(text.trim())) {
        return "has control characters";
    }
    const { type, blob } = best;
    const odd = KEY_TYPES.includes(type) ? keys.find((each) => !/^(ssh|ecdsa)-/.test(each.type)) : best;
    if (odd) {
        return `starts with '${odd.type}', which is none of ${KEY_TYPES.join(", ")}`;
    }
    // One of them may be somebody else's.
    if (next?.type === type && next.blob !== blob) {
        return `has two keys of the type ${type}`;
    }
    // RFC 4253 section 6.6: the blob starts with the length and the name of its type.
    const bytes = Buffer.from(blob, "base64");
    const name = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]);
    // Node passes over whatever is not base64.
    const isWhole = bytes.toString("base64") === blob && bytes.indexOf(name) === 0 && bytes.length > name.length;
    return isWhole ? undefined : `is not a whole ${type} key`;
}

/** Type and key on one line, of several keys the best: all that known_hosts needs, in which a second line could be of any host. */
export function bareHostKey(text: string): string {
    const [{ type, blob } = { type: "", blob: "" }] = keysIn(text);
    return `${type} ${blob}`.trim();
}
