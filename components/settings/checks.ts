/** What a value must be. */
export interface Check<T> {
    isRight: (value: T) => boolean;
    /** In words that follow "it must be". */
    allowed: string;
    /** Whether the value may hold a secret, and is not shown. */
    hides?: (value: T) => boolean;
}

/** The checks of arguments by their names; that of a list is for each of its elements. */
export type Checks<T> = T extends readonly (infer E)[]
    ? Checks<NonNullable<E>>
    : Check<T> | (T extends object ? { [K in keyof T]?: Checks<NonNullable<T[K]>> } : never);

/** Collects what is wrong with arguments: one sentence for each, with its name, its value and what is allowed. */
export class Problems {
    readonly sentences: string[] = [];

    add(sentence: string): void {
        this.sentences.push(sentence);
    }

    /** A value that is left out, or not known yet, is not checked. */
    check<T>(property: string, value: T | undefined, isRight: (value: T) => boolean, allowed: string): void {
        this.judge(property, value, { isRight, allowed });
    }

    /** The same for a value that may be a secret: it is not shown. */
    checkSecret<T>(property: string, value: T | undefined, isRight: (value: T) => boolean, allowed: string): void {
        this.judge(property, value, { isRight, allowed, hides: () => true });
    }

    judge<T>(property: string, value: T | undefined, { isRight, allowed, hides }: Check<T>): void {
        if (value !== undefined && !isRight(value)) {
            const shown = hides?.(value) ? "the value given" : JSON.stringify(value);
            this.add(`${property}: ${shown} is not allowed; it must be ${allowed}.`);
        }
    }

    /** Judges each part of a value that has a check. */
    judgeAll<T>(property: string, value: unknown, checks: Checks<T>): void {
        if (Array.isArray(value)) {
            value.forEach((each, index) => this.judgeAll(`${property}[${index}]`, each, checks));
        } else if (isCheck(checks)) {
            this.judge(property, value, checks);
        } else if (value !== undefined) {
            for (const [name, inner] of Object.entries(checks as Record<string, Checks<unknown>>)) {
                const at = property === "" ? name : `${property}.${name}`;
                this.judgeAll(at, (value as Record<string, unknown>)[name], inner);
            }
        }
    }
}

function isCheck(checks: object): checks is Check<unknown> {
    return "isRight" in checks && typeof checks.isRight === "function";
}
