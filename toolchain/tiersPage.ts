import * as fs from "node:fs";
import * as path from "node:path";

import { RegistryTier } from "../components/registry/sections/tier";
import { withPresets } from "../components/registry/settings";
import { repositoryRoot } from ".";

const TIERS = Object.values(RegistryTier);

/** Who each tier is for; the table says what it consists of. */
const READERS: Record<RegistryTier, string> = {
    basic: "To try it out, in a network where you trust everybody.",
    intermediate: "For one person or a small team, and for a NAS with little memory.",
    production: "For everybody else: the descriptor cache survives a restart of the registry. The default.",
};

interface Schema {
    resources: Record<"nas-registry:index:NasRegistry", { inputProperties: Record<string, { description?: string }> }>;
}

/** What some tier has and another has not. */
function lines(): string {
    const presets = TIERS.map((tier): Record<string, unknown> => ({ ...withPresets("", { tier }), tier: undefined }));
    return Object.keys(presets[0] ?? {})
        .map((name) => ({ name, values: presets.map((preset) => show(preset[name])) }))
        .filter(({ values }) => new Set(values).size > 1)
        .map(({ name, values }) => row([`${titleOf(name)} (\`${name}\`)`, ...values]))
        .join("\n");
}

/** The first sentence of an argument's documentation. */
function titleOf(name: string): string {
    const { resources } = JSON.parse(fs.readFileSync(path.join(repositoryRoot, "schema.json"), "utf8")) as Schema;
    const { description = name } = resources["nas-registry:index:NasRegistry"].inputProperties[name] ?? {};
    return description.replace(/[;.](\s[^]*)?$/, "");
}

function show(value: unknown): string {
    return typeof value === "object" && value !== null
        ? Object.entries(value)
              .map(([name, inner]) => `${name} ${show(inner)}`)
              .join(", ")
        : `\`${String(value)}\``;
}

function row(cells: string[]): string {
    return `| ${cells.join(" | ")} |`;
}

/** The text of docs/reference/tiers.md, Markdown before its formatting. */
export function tiersPage(): string {
    return `<!-- \`npm run docs\` writes this page from the presets in components/registry/sections/. -->

# Tiers

A tier is a preset of the settings below. Each of them can be given on its own, and then wins over the tier:

\`\`\`typescript
new NasRegistry("registry", { vendor: "synology", connection, tier: "intermediate", memory: "512m" });
\`\`\`

${row(["", ...TIERS.map((tier) => `\`${tier}\``)])}
${row(["---", ...TIERS.map(() => "---")])}
${row(["For whom", ...TIERS.map((tier) => READERS[tier])])}
${lines()}

Everything else is the same in all tiers: the image, the data directory, which nothing ever deletes, the restart policy
\`always\`, the secret that outlives restarts, and read-only containers without capabilities that run as the owner of the data.

## What \`basic\` opens

Anybody who reaches the port can pull every image and push another one under its name, without a password. Anybody on the way can
read and change what is pulled and pushed. Nobody can delete images, but anybody can fill the disk. Every client must be told that
the registry is insecure (\`insecure-registries\` of Docker), and every \`pulumi up\` warns of it. Without limits, one large push can
take the NAS's memory from its other services.

Set \`bindAddress\` to keep it to one network of the NAS, or \`readOnly\` once the images are there.

## Another tier later

The data directory stays as it is. Redis comes or goes with the tier; the registry looks up again what it held. When you leave
\`basic\`, the URL changes from \`http://\` to \`https://\`, and clients need the certificate (\`clientSetup\`) and a \`docker login\`.
`;
}
