import { Props, text } from "../core/values";

export function fromLabels(labels: Props[]): Record<string, string> {
    return Object.fromEntries(labels.map((label) => [text(label, "label") ?? "", text(label, "value") ?? ""]));
}

export function toLabels(labels: Record<string, string> | null | undefined): Props[] {
    return Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
}
