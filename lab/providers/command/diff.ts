import type { DiffKind, DiffResult } from "../core/provider";
import { given, isProps, Props, sameValue, Value } from "../core/values";

/**
 * Which inputs changed, path by path. Everything updates but `triggers` as a whole: for a single trigger it is the SDK
 * that asks for a replacement, since the path of one is not the name that the real provider compares with.
 */
export function detailedDiff(olds: Props, news: Props): DiffResult {
    const detailed: Record<string, DiffKind> = {};
    walkObject(olds, news, "", detailed);
    const whole = detailed.triggers;
    if (whole) {
        detailed.triggers = `${whole}_REPLACE` as DiffKind;
    }
    const diffs = [...new Set(Object.keys(detailed).map((path) => /^[^.[]+/.exec(path)?.[0] ?? path))].sort();
    return diffs.length === 0
        ? { changes: "DIFF_NONE", detailedDiff: {} }
        : { changes: "DIFF_SOME", diffs, replaces: whole ? ["triggers"] : [], detailedDiff: detailed };
}

function walkObject(olds: Props, news: Props, path: string, into: Record<string, DiffKind>): void {
    for (const name of [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort()) {
        walk(olds[name], news[name], path ? `${path}.${name}` : name, into);
    }
}

function walk(old: Value | undefined, now: Value | undefined, path: string, into: Record<string, DiffKind>): void {
    if (sameValue(old, now)) {
        return;
    }
    if (!given(old)) {
        into[path] = "ADD";
    } else if (!given(now)) {
        into[path] = "DELETE";
    } else if (isProps(old) && isProps(now)) {
        walkObject(old, now, path, into);
    } else if (Array.isArray(old) && Array.isArray(now)) {
        for (let index = 0; index < Math.max(old.length, now.length); index++) {
            walk(old[index], now[index], `${path}[${index}]`, into);
        }
    } else {
        into[path] = "UPDATE";
    }
}
