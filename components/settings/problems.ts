import type { Check } from "./is";

/** Collects what is wrong with arguments: one sentence for each, with its name, its value and what is allowed. */
export class Problems {
    readonly sentences: string[] = [];

    add(sentence: string): void {
        this.sentences.push(sentence);
    }

    /** A value that is left out, or not known yet, is not checked. */
    check<T>(property: string, value: T | undefined, { isRight, allowed, hides }: Check<T>): void {
        if (value !== undefined && !isRight(value)) {
            const shown = hides?.(value) ? "the value given" : JSON.stringify(value);
            this.add(`${property}: ${shown} is not allowed; it must be ${allowed}.`);
        }
    }
}
