import { markSecrets, validate } from "./check";
import { frameworkWording } from "./framework-rules";
import type { Answer, Created, DiffResult, ResourceType } from "./provider";
import type { Schema } from "./schema";
import { given, plainProps, Props, sameValue, UNKNOWN, Value } from "./values";

/** What differs between the resource types of the random and tls providers. */
export interface FrameworkResource {
    schema: Schema;
    /** Makes the thing; `planned` has the inputs and defaults. */
    create(planned: Props): Answer<{ id: string; outputs: Props }>;
    /** What the inputs say beyond the schema: more failures, derived defaults. */
    check?(inputs: Props): { path: string; message: string }[];
    plan?(planned: Props, inputs: Props): Props;
    /** The state seen again at `now`. */
    refresh?(state: Props): Props;
    /** Properties that call for a replacement although no input changed. */
    due?(state: Props): string[];
}

/**
 * A resource type as the providers built on Terraform's plugin framework answer (random, tls): no `__defaults`, no
 * detailed diff, secrets marked in responses, properties without value left out.
 */
export function frameworkResource(owner: string, spec: FrameworkResource): ResourceType {
    const { schema } = spec;
    const plan = (inputs: Props): Props => {
        const planned = planInputs(schema, inputs);
        return spec.plan?.(planned, inputs) ?? planned;
    };
    return {
        check({ name, news }) {
            const wording = frameworkWording(owner, name);
            const failures = validate(schema, news, wording);
            const more = failures.length > 0 ? [] : (spec.check?.(plainProps(news)) ?? []);
            return {
                inputs: markSecrets(schema, news, true),
                failures: [...failures, ...more.map(({ path, message }) => wording.value(path, message))],
            };
        },
        diff({ olds, news }) {
            return compare(spec, plan(news), olds);
        },
        async create({ properties, preview }): Promise<Created> {
            const planned = plan(plainProps(properties));
            if (preview) {
                return { id: "", properties: markSecrets(schema, planned) };
            }
            const { id, outputs } = await spec.create(planned);
            return { id, properties: markSecrets(schema, withoutUnknowns({ ...planned, ...outputs })) };
        },
        read({ id, properties, inputs }) {
            if (Object.keys(properties).length === 0) {
                throw new Error(`${owner} cannot import ${id}`);
            }
            const state = spec.refresh?.(properties) ?? properties;
            return { id, properties: markSecrets(schema, state), inputs: markSecrets(schema, inputs) };
        },
        update({ olds, news }) {
            const planned = Object.entries(plan(plainProps(news))).filter(([, value]) => value !== UNKNOWN);
            const kept = Object.entries(olds).filter(
                ([name]) => schema[name]?.computed === true || schema[name]?.output === true,
            );
            return markSecrets(schema, { ...Object.fromEntries(kept), ...Object.fromEntries(planned) });
        },
        async delete() {
            // Keys, certificates and passwords live in Pulumi's state alone.
        },
    };
}

function planInputs(schema: Schema, inputs: Props): Props {
    const planned: Props = {};
    for (const [name, property] of Object.entries(schema)) {
        const value: Value | undefined = given(inputs[name]) ? inputs[name] : property.default;
        if (value !== undefined) {
            planned[name] = value;
        } else if (property.output || property.computed) {
            planned[name] = UNKNOWN;
        }
    }
    return planned;
}

function withoutUnknowns(values: Props): Props {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== UNKNOWN));
}

function compare(spec: FrameworkResource, planned: Props, olds: Props): DiffResult {
    const changed = Object.entries(spec.schema)
        // An output with a default is planned anew each time (readyForRenewal); the others are as they were made.
        .filter(([, property]) => !property.output || property.default !== undefined)
        .filter(([name, property]) => {
            const filledIn = property.computed && planned[name] === UNKNOWN;
            return !filledIn && !sameValue(planned[name], olds[name]);
        })
        .map(([name]) => name);
    const due = spec.due?.({ ...olds, ...planned, ...pickOutputs(spec.schema, olds) }) ?? [];
    const diffs = [...new Set([...changed, ...due])].sort();
    if (diffs.length === 0) {
        return { changes: "DIFF_NONE" };
    }
    const replaces = diffs.filter((name) => spec.schema[name]?.replaces === true || due.includes(name));
    return { changes: "DIFF_SOME", diffs, replaces };
}

function pickOutputs(schema: Schema, state: Props): Props {
    return Object.fromEntries(Object.entries(state).filter(([name]) => schema[name]?.output));
}
