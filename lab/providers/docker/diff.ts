import type { DiffKind, DiffRequest, DiffResult } from "../core/provider";
import type { Property, Schema } from "../core/schema";
import { given, isProps, stableText, UNKNOWN, Value } from "../core/values";

type Change = "ADD" | "DELETE" | "UPDATE";
type Changes = Record<string, Change>;

/**
 * The difference between a state and new inputs as the Terraform bridge reports it: by path, sets compared without
 * order, zero and absent the same, computed properties left alone when they are not given.
 */
export function diff(schema: Schema, { olds, news, ignoreChanges }: DiffRequest, replaceFirst: boolean): DiffResult {
    const detailed: Record<string, DiffKind> = {};
    const diffs = new Set<string>();
    const replaces = new Set<string>();
    for (const [name, property] of Object.entries(schema)) {
        const changes: Changes = {};
        compareTop(property, olds[name], news[name], name, changes);
        for (const [path, change] of Object.entries(changes)) {
            if (ignoreChanges.some((ignored) => covers(ignored, path))) {
                continue;
            }
            diffs.add(name);
            if (property.replaces) {
                replaces.add(name);
            }
            detailed[path] = property.replaces ? `${change}_REPLACE` : change;
        }
    }
    const stables = Object.keys(schema).filter((name) => schema[name]?.replaces && !replaces.has(name));
    return {
        changes: diffs.size > 0 ? "DIFF_SOME" : "DIFF_NONE",
        diffs: [...diffs].sort(),
        replaces: [...replaces].sort(),
        stables: stables.sort(),
        deleteBeforeReplace: replaceFirst && replaces.size > 0,
        detailedDiff: detailed,
    };
}

function covers(ignored: string, path: string): boolean {
    return (
        ignored === "*" || path === ignored || (path.startsWith(ignored) && /^[.[]/.test(path.slice(ignored.length)))
    );
}

function compareTop(
    property: Property,
    old: Value | undefined,
    now: Value | undefined,
    path: string,
    into: Changes,
): void {
    if (!given(now) && (property.computed || property.output)) {
        // A computed list that the state has as null was never read: the bridge plans to read it.
        const isList = property.kind === "list" || property.kind === "set";
        if (isList && !given(old)) {
            into[path] = "ADD";
        }
        return;
    }
    if (property.keptWhenAbsent && (!given(now) || now === "")) {
        return;
    }
    compare(property, old, now, path, into);
}

function compare(
    property: Property,
    old: Value | undefined,
    now: Value | undefined,
    path: string,
    into: Changes,
): void {
    if (now === UNKNOWN) {
        into[path] = given(old) ? "UPDATE" : "ADD";
        return;
    }
    if (canonicalText(property, old) === canonicalText(property, now)) {
        return;
    }
    const { of, fields } = property;
    const isList = property.kind === "list" || property.kind === "set";
    if (!given(old) || (isList && isEmpty(old))) {
        into[path] = "ADD";
    } else if (!given(now) && property.default === undefined) {
        into[path] = "DELETE";
    } else if (of && property.kind === "set" && Array.isArray(old) && Array.isArray(now)) {
        compareSets(of, old, now, path, into);
    } else if (of && Array.isArray(old) && Array.isArray(now)) {
        for (let index = 0; index < Math.max(old.length, now.length); index++) {
            compare(of, old[index], now[index], `${path}[${index}]`, into);
        }
    } else if (of && isProps(old) && isProps(now)) {
        for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
            compare(of, old[key], now[key], path + step(key), into);
        }
    } else if (fields && isProps(old) && isProps(now)) {
        for (const [name, field] of Object.entries(fields)) {
            if (given(now[name]) || !field.computed) {
                compare(field, old[name], now[name], `${path}.${name}`, into);
            }
        }
    } else {
        into[path] = "UPDATE";
    }
}

/** Whether new inputs ask for anything else than a state has. */
export function differs(property: Property, old: Value | undefined, now: Value | undefined): boolean {
    const changes: Changes = {};
    compareTop(property, old, now, "", changes);
    return Object.keys(changes).length > 0;
}

/**
 * What left a place and what came to the same place is one change of that place. The bridge finds places by the inputs:
 * where the plan adds fields to them, or an element is unknown, it knows only that the set changed.
 */
function compareSets(of: Property, old: Value[], now: Value[], path: string, into: Changes): void {
    const before = new Set(old.map((item) => canonicalText(of, item)));
    const after = new Set(now.map((item) => canonicalText(of, item)));
    const come = now.filter((item) => !before.has(canonicalText(of, item)));
    if (come.some((item) => item === UNKNOWN || !isComplete(of, item))) {
        into[path] = "UPDATE";
        return;
    }
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
        const left = index < old.length && !after.has(canonicalText(of, old[index]));
        const came = index < now.length && !before.has(canonicalText(of, now[index]));
        if (left && came) {
            compare(of, old[index], now[index], `${path}[${index}]`, into);
        } else if (left || came) {
            into[`${path}[${index}]`] = came ? "ADD" : "DELETE";
        }
    }
}

function isComplete({ fields }: Property, item: Value): boolean {
    return !fields || (isProps(item) && Object.keys(fields).every((name) => name in item));
}

function isEmpty(value: Value): boolean {
    return Array.isArray(value) && value.length === 0;
}

/** One step of a property path, in the notation of the engine. */
function step(key: string): string {
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `["${key.replace(/"/g, '\\"')}"]`;
}

/** A text that is the same for values that mean the same. */
export function canonicalText(property: Property, value: Value | undefined): string {
    return stableText(canonical(property, value));
}

function canonical(property: Property, value: Value | undefined): Value {
    const { of, fields } = property;
    switch (property.kind) {
        case "string":
            return value ?? property.default ?? "";
        case "number":
            return value ?? property.default ?? 0;
        case "boolean":
            return value ?? property.default ?? false;
        case "list":
            return Array.isArray(value) ? canonicalList(property, value) : (value ?? []);
        case "set":
            return Array.isArray(value)
                ? value.map((item) => (of ? canonicalText(of, item) : stableText(item))).sort()
                : (value ?? []);
        case "map":
            return value ?? {};
        case "object":
            return isProps(value)
                ? Object.fromEntries(
                      Object.entries(fields ?? {}).map(([name, field]) => [name, canonical(field, value[name])]),
                  )
                : (value ?? null);
    }
}

function canonicalList({ of, unordered }: Property, values: Value[]): Value[] {
    const items = values.map((item) => (of ? canonical(of, item) : item));
    return unordered ? items.sort((a, b) => (stableText(a) < stableText(b) ? -1 : 1)) : items;
}
