import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Props, shown } from "../../core/values";

export interface Recorded {
    from: string;
    method: string;
    request: Props;
    response?: Props;
    errors?: string[];
}

export function recorded(provider: string, ...methods: string[]): Recorded[] {
    return readFileSync(join(__dirname, "..", "recordings", `${provider}.jsonl`), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Recorded)
        .filter((call) => methods.includes(call.method));
}

/** A name for the test of one recorded call. */
export function title(call: Recorded): string {
    const [type = "", name = ""] = shown(call.request.urn).split("::").slice(-2);
    return `${call.method} ${type.split(":").pop() ?? type} ${name} (${call.from}${call.request.preview ? ", preview" : ""})`;
}

/** One recorded call, by its method, the logical name and type of its resource, and the step. */
export function theCall(provider: string, method: string, type: string, name: string, from: string): Recorded {
    const found = recorded(provider, method).find(
        (call) => call.from.startsWith(from) && shown(call.request.urn).endsWith(`:${type}::${name}`),
    );
    if (!found) {
        throw new Error(`no recorded ${method} of ${type} ${name} in ${from}`);
    }
    return found;
}
