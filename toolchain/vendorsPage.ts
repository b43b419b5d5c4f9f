import { vendors } from "../components/nas/vendors";

/** The text of docs/reference/vendors.md, Markdown before its formatting. */
export function vendorsPage(): string {
    const rows = Object.values(vendors).map((vendor) =>
        row([
            `\`${vendor.name}\``,
            vendor.label,
            String(vendor.defaultPort),
            String(vendor.defaultMirrorPort),
            vendor.defaultSharedFolder === undefined ? "none" : `\`${vendor.defaultSharedFolder}\``,
            `\`${vendor.dataPathExample}\``,
            vendor.sshSetting,
        ]),
    );
    return `<!-- \`npm run docs\` writes this page from components/nas/. -->

# Vendors

What an argument means where it is not given differs from vendor to vendor.

${row(["`vendor`", "what it is", "`port`", "of a mirror", "`sharedFolder`", "a `dataDirectory`", "SSH is switched on in"])}
${row(Array<string>(7).fill("---"))}
${rows.join("\n")}
`;
}

function row(cells: string[]): string {
    return `| ${cells.join(" | ")} |`;
}
