export const PASSPHRASE =
    "the key has a passphrase; add it to your ssh-agent with ssh-add and leave connection.privateKey out, or give a key without one.";
export const NO_PRIVATE_KEY =
    "it is not a private key in OpenSSH or PEM format; give the text of the file without .pub, its line breaks kept.";

/** What people give in place of a private key, and what to do; the first that fits counts. */
const MISTAKES: readonly [RegExp, string][] = [
    [
        /^PuTTY-User-Key-File/,
        "it is in PuTTY's format; give what PuTTYgen exports as an OpenSSH key (Conversions > Export OpenSSH key).",
    ],
    [
        /^(ssh|ecdsa|sk-\w+)-\S+ +AAAA|^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/,
        "it is a public key; give the text of the file of the same name without .pub.",
    ],
    [/^-----BEGIN CERTIFICATE/, "it is a certificate and no key of SSH; give what ssh-keygen makes."],
    [/^-+ ?BEGIN [A-Z0-9 ]*ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m, PASSPHRASE],
    [
        /^-----BEGIN DSA /,
        "it is a DSA key, which no SSH server of today accepts; make another with 'ssh-keygen -t ed25519'.",
    ],
    [
        /^(file:|~|\.{0,2}[\\/]|[A-Za-z]:[\\/])[^\n]*$|^[\w.-]+(\.key|\.pem|\.ppk|_(rsa|ed25519|ecdsa))$/,
        "it is the path of a file; give its text, as in 'pulumi config set --secret --path registry.connection.privateKey < FILE', or fs.readFileSync in a program.",
    ],
];

const KEY = /-----BEGIN ((?:OPENSSH |RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;
const OPENSSH_LABEL = "OPENSSH PRIVATE KEY";
const OPENSSH = "openssh-key-v1\0";

/** A text with the line breaks that it had in its file: variables and JSON make blanks or `\n` of them, and Windows adds its own. */
function unfolded(text: unknown): string {
    return String(text)
        .replaceAll(/\\r|\r|\ufeff/g, "")
        .replaceAll("\\n", "\n")
        .trim();
}

/** A private key as ssh-keygen writes one, without what stands around it; whatever else the text is, it stays. */
export function privateKeySpelling(text: string): string {
    const [, label, body = ""] = KEY.exec(unfolded(text)) ?? [];
    const lines = body.replaceAll(/\s/g, "").match(label === OPENSSH_LABEL ? /.{1,70}/g : /.{1,64}/g) ?? [];
    return label ? [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n") : text;
}

/** One sentence about a private key that cannot be used, which shows nothing of it; undefined when it can. */
export function privateKeyProblem(text: string): string | undefined {
    const given = unfolded(text);
    const [, label, body = ""] = KEY.exec(given) ?? [];
    if (!label) {
        return MISTAKES.find(([form]) => form.test(given))?.[1] ?? NO_PRIVATE_KEY;
    }
    return label === OPENSSH_LABEL ? opensshProblem(Buffer.from(body, "base64")) : undefined;
}

/** The format is in OpenSSH's PROTOCOL.key: names of cipher and kdf, options, number of keys, the public key; each with its length. */
function opensshProblem(key: Buffer): string | undefined {
    let at = OPENSSH.length;
    const next = (): Buffer => {
        const length = at + 4 <= key.length ? key.readUInt32BE(at) : 0;
        at += 4 + length;
        return key.subarray(at - length, at);
    };
    const [cipher = ""] = [next(), next(), next()].map(String);
    at += 4;
    const publicKey = next();
    const isWhole = next().length > 0 && at === key.length;
    if (cipher !== "none" && key.indexOf(OPENSSH) === 0) {
        return PASSPHRASE;
    }
    if (!isWhole || publicKey.length < 4) {
        return "it is cut short, or otherwise broken; give the whole text of the file.";
    }
    const type = publicKey.toString("latin1", 4, 4 + publicKey.readUInt32BE(0));
    if (type.startsWith("sk-")) {
        return "it is the stub of a key on a security key; add it to your ssh-agent with ssh-add and leave connection.privateKey out.";
    }
    return type === "ssh-dss" ? MISTAKES.find(([form]) => form.test("-----BEGIN DSA "))?.[1] : undefined;
}
