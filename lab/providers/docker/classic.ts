import type { ResourceType } from "../core/provider";
import { InitializationError } from "../core/provider";
import type { Schema } from "../core/schema";
import { Props, UNKNOWN } from "../core/values";
import { check } from "./check";
import { canonicalText, diff } from "./diff";
import { applied, plan, refreshed, unfinished } from "./plan";
import { refreshInputs } from "./refresh-inputs";
import { OWNER } from "./rules";

/** What differs between the resource types of the docker provider. */
export interface ClassicResource {
    schema: Schema;
    autonamed: boolean;
    /** Whether a replacement removes the old one first. */
    replaceFirst: boolean;
    /** Makes it. `made` is called as soon as the thing exists: what fails after that leaves a partial state. */
    create(inputs: Props, made: (id: string) => void): Promise<void>;
    /** What can be seen of it, or nothing when it is gone. */
    see(id: string, state: Props): Promise<{ id: string; seen: Props } | undefined>;
    update?(id: string, olds: Props, news: Props): Promise<void>;
    delete(id: string, state: Props): Promise<void>;
}

/** A resource type as providers on Terraform's older SDK answer through Pulumi's bridge (docker). */
export function classicResource(spec: ClassicResource): ResourceType {
    const { schema } = spec;
    return {
        check: (request) => check(schema, request, spec.autonamed),
        diff: (request) => diff(schema, request, spec.replaceFirst),
        async create({ urn, properties: inputs, preview }) {
            const planned = plan(schema, inputs);
            if (preview) {
                return { id: "", properties: withUnknownId(planned) };
            }
            const made: { id?: string } = {};
            try {
                await spec.create(unfinished(schema, planned), (id) => (made.id = id));
                const found = await spec.see(made.id ?? "", unfinished(schema, planned));
                if (!found) {
                    throw new Error("it was created, and was gone when it was looked at");
                }
                return { id: found.id, properties: { ...applied(schema, planned, found.seen), id: found.id } };
            } catch (error) {
                if (made.id === undefined) {
                    throw new Error(failure(error));
                }
                const state = { ...unfinished(schema, planned), id: made.id };
                throw new InitializationError(`creating ${urn}: ${failure(error)}`, made.id, state, inputs);
            }
        },
        async read({ urn, id, properties, inputs }) {
            if (Object.keys(properties).length === 0) {
                throw new Error(`${OWNER} cannot import ${id}`);
            }
            const found = await spec.see(id, properties).catch((error: unknown) => {
                throw new Error(`refreshing ${urn}: ${failure(error)}`);
            });
            if (!found) {
                return undefined;
            }
            const state = refreshed(schema, properties, found.seen);
            return {
                id: found.id,
                properties: { ...state, id: found.id },
                inputs: refreshInputs(schema, inputs, state),
            };
        },
        async update({ urn, id, olds, news, ignoreChanges, preview }) {
            const state = { ...kept(schema, plan(schema, news), olds, ignoreChanges), id };
            if (!preview) {
                await spec.update?.(id, olds, state).catch((error: unknown) => {
                    // The bridge believes a failed update to be half done, and says what was to be.
                    throw new InitializationError(`updating ${urn}: ${failure(error)}`, id, state, news);
                });
            }
            return state;
        },
        async delete({ urn, id, properties }) {
            await spec.delete(id, properties).catch((error: unknown) => {
                throw new Error(`deleting ${urn}: ${failure(error)}`);
            });
        },
    };
}

function withUnknownId(planned: Props): Props {
    return { ...planned, id: UNKNOWN };
}

/** After an update: what did not change stays as it was, and so does what is filled in or ignored. */
function kept(schema: Schema, planned: Props, olds: Props, ignoreChanges: string[]): Props {
    const state: Props = {};
    for (const [name, property] of Object.entries(schema)) {
        const value = planned[name] ?? null;
        const old = olds[name] ?? null;
        const asBefore =
            value === UNKNOWN ||
            ignoreChanges.includes(name) ||
            (property.keptWhenAbsent === true && value === null) ||
            canonicalText(property, value) === canonicalText(property, old);
        state[name] = asBefore ? old : value;
    }
    return state;
}

function failure(error: unknown): string {
    return `1 error occurred:\n\t* ${error instanceof Error ? error.message : String(error)}\n\n`;
}
