/** Property values as they travel between Pulumi's engine and a provider. */
export type Value = null | boolean | number | string | Value[] | Props;
export interface Props {
    [name: string]: Value;
}

/** What the engine sends for a value that is not known during a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function isProps(value: Value | undefined): value is Props {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is Props {
    return isProps(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
    return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without any secret wrapper, at every depth. */
export function plain(value: Value): Value {
    if (isSecret(value)) {
        return plain(value.value ?? null);
    }
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    return isProps(value) ? plainProps(value) : value;
}

export function plainProps(props: Props): Props {
    return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, plain(value)]));
}

export function isUnknown(value: Value | undefined): boolean {
    return value === UNKNOWN || (isSecret(value) && value.value === UNKNOWN);
}

export function hasUnknown(value: Value | undefined): boolean {
    if (Array.isArray(value)) {
        return value.some(hasUnknown);
    }
    return isUnknown(value) || (isProps(value) && Object.values(value).some(hasUnknown));
}

/** Null and absent mean the same to every provider here. */
export function given(value: Value | undefined): value is Exclude<Value, null> {
    return value !== undefined && value !== null;
}

/** Equality by content; the order of keys does not matter, null and absent are the same. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
    return stableText(a ?? null) === stableText(b ?? null);
}

/** A text that is equal for equal values. */
export function stableText(value: Value): string {
    if (Array.isArray(value)) {
        return `[${value.map(stableText).join(",")}]`;
    }
    if (isProps(value)) {
        const keys = Object.keys(value)
            .filter((key) => given(value[key]))
            .sort();
        return `{${keys.map((key) => `${JSON.stringify(key)}:${stableText(value[key] ?? null)}`).join(",")}}`;
    }
    return JSON.stringify(value);
}

export function text(props: Props, key: string): string | undefined {
    const value = props[key];
    return typeof value === "string" ? value : undefined;
}

export function number(props: Props, key: string): number | undefined {
    const value = props[key];
    return typeof value === "number" ? value : undefined;
}

export function flag(props: Props, key: string): boolean {
    return props[key] === true;
}

export function texts(props: Props, key: string): string[] {
    const value = props[key];
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

export function objects(props: Props, key: string): Props[] {
    const value = props[key];
    return Array.isArray(value) ? value.filter(isProps) : [];
}

export function textMap(props: Props, key: string): Record<string, string> {
    const value = props[key];
    return isProps(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(item)])) : {};
}

/** A value as text: text itself, anything else as JSON. */
export function shown(value: Value | undefined): string {
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
