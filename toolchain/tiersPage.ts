import { presets, RegistryTier, type Preset } from "../components/registry/sections/tier";

const TIERS = Object.values(RegistryTier);

/** Who each tier is for; what it consists of is in the table. */
const READERS: Record<RegistryTier, string> = {
    basic: "To try it out, in a network in which you trust everybody.",
    intermediate: "For one person or a small team, and for a NAS with little memory.",
    production: "For everybody else: the descriptor cache survives a restart of the registry. The default.",
};

/** One line of the table for each setting of a preset, in the reader's words. */
const LINES: Record<keyof Preset, { title: string; show: (preset: Preset) => string }> = {
    auth: {
        title: "Who may pull and push",
        show: ({ auth }) => (auth === "none" ? "everybody (`none`)" : `users (\`${auth}\`)`),
    },
    tls: { title: "Encryption", show: ({ tls }) => (tls === "none" ? "none (`none`)" : `TLS (\`${tls}\`)`) },
    cache: { title: "Descriptor cache", show: ({ cache }) => `\`${cache}\`` },
    deletes: { title: "Deleting images", show: ({ deletes }) => (deletes ? "possible" : "refused") },
    memory: { title: "Memory of the registry", show: ({ memory }) => limit(memory) },
    cpus: { title: "CPUs of the registry", show: ({ cpus }) => limit(cpus, " CPUs") },
    logs: {
        title: "Logs of the containers",
        show: ({ logs }) =>
            logs
                ? `\`${logs.driver}\`, ${logs.options["max-file"]} files of ${logs.options["max-size"]}`
                : "the engine's default",
    },
};

function limit(value: number | string, unit = ""): string {
    return Number(value) === 0 ? "no limit" : `${value}${unit}`;
}

function lines(): string {
    return Object.entries(LINES)
        .map(([setting, { title, show }]) =>
            row([`${title} (\`${setting}\`)`, ...TIERS.map((tier) => show(presets[tier]))]),
        )
        .join("\n");
}

function row(cells: string[]): string {
    return `| ${cells.join(" | ")} |`;
}

/** The text of docs/reference/tiers.md, Markdown before its formatting. */
export function tiersPage(): string {
    return `<!-- \`npm run docs\` writes this page from components/registry/sections/tier.ts. -->

# Tiers

A tier is a preset of the settings below. Each of them can be given on its own, and then wins over the tier:

\`\`\`typescript
new NasRegistry("registry", { vendor: "synology", connection, tier: "intermediate", memory: "512m" });
\`\`\`

${row(["", ...TIERS.map((tier) => `\`${tier}\``)])}
${row(["---", ...TIERS.map(() => "---")])}
${row(["For whom", ...TIERS.map((tier) => READERS[tier])])}
${lines()}

What is in no line is the same in all of them: the image, the data directory, which nothing ever deletes, the restart
policy \`always\`, the secret that outlives restarts, read-only containers without capabilities that run as the owner of the
data.

## What \`basic\` opens

Whoever reaches the port can pull every image and push another one under its name, without a password, and whoever is on the
way can read and change what is pulled and pushed. Deleting is off, so nobody can empty the registry, but its disk can be
filled. Every client must be told that the registry is insecure (\`insecure-registries\` of Docker), and every \`pulumi up\`
says so. Without limits one large push can take the NAS's memory from its other services.

Give \`bindAddress\` to keep it to one network of the NAS, or \`readOnly\` once the images are there.

## Another tier later

The data directory stays as it is, whichever way. Redis comes or goes with the tier; what it held is looked up anew. From
\`basic\` upwards the URL changes from \`http://\` to \`https://\`, clients need the certificate (\`clientSetup\`) and a
\`docker login\`.
`;
}
