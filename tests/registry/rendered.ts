import { renderHtpasswd, withPasswords, type User } from "../../components/registry/users";
import type { PlainArgs, Secrets, Settings } from "../../components/registry/sections";
import { HTPASSWD_FILE } from "../../components/registry/sections/auth";
import { configFiles, renderConfig } from "../../components/registry/sections/rendered";
import { withDefaults } from "../../components/registry/settings";
import { startRegistry, type Registry } from "./server";

export interface RenderedOptions extends Omit<Partial<Secrets>, "cache" | "certificate"> {
    /** Arguments of the component; the tier is basic unless they say otherwise: no TLS, no users, no deletes. */
    args?: Partial<PlainArgs>;
    cache?: Secrets["cache"];
    users?: { name: string; password: string }[];
    /** PEM, for `tls: given`. */
    certificate?: { certificate: string; privateKey: string };
    /** Whom the registry's fetch trusts. @default the certificate itself */
    ca?: string;
    /** As {@link startRegistry} has it. */
    data?: string;
}

export const HTTP_SECRET = "0123456789".repeat(4);
const seed = Buffer.alloc(32, 7).toString("base64");

/** The configuration and the files that the component makes of these arguments. */
export function render(options: RenderedOptions = {}): {
    config: string;
    files: Record<string, string>;
} {
    const { users = [], certificate } = options;
    const [settings, all] = settingsAndSecrets(options);
    const known: User[] = withPasswords(users, seed);
    const files: Record<string, string | undefined> = {
        [HTPASSWD_FILE]: renderHtpasswd(known, seed),
        ...configFiles(settings, { ...all, server: certificate }),
    };
    const given = Object.entries(files).filter((file): file is [string, string] => file[1] !== undefined);
    return {
        config: renderConfig(settings, all),
        files: Object.fromEntries(given),
    };
}

/** What they are made of. */
export function settingsAndSecrets({
    args,
    users: _users,
    certificate: _certificate,
    ca: _ca,
    data: _data,
    ...confidential
}: RenderedOptions): [Settings, Secrets] {
    const settings = withDefaults("registry", {
        vendor: "synology",
        connection: { host: "nas", hostKey: "ssh-ed25519 AAAA" },
        tier: "basic",
        ...args,
    });
    return [settings, { httpSecret: HTTP_SECRET, cache: { kind: "inmemory" }, ...confidential }];
}

/** Starts a registry with them. */
export function serve(options: RenderedOptions = {}): Promise<Registry> {
    return startRegistry({
        ...render(options),
        ca: options.ca ?? options.certificate?.certificate,
        data: options.data,
    });
}
