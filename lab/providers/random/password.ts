import { randomInt } from "node:crypto";
import { frameworkResource } from "../core/framework";
import { atLeast } from "../core/framework-rules";
import { boolean, map, number, Schema, string } from "../core/schema";
import { flag, number as numberOf, Props, text } from "../core/values";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const schema: Schema = {
    keepers: map({ replaces: true }),
    length: number({ required: true, replaces: true, validate: atLeast(1) }),
    lower: boolean({ default: true, replaces: true }),
    upper: boolean({ default: true, replaces: true }),
    number: boolean({ default: true, replaces: true }),
    numeric: boolean({ default: true, replaces: true }),
    special: boolean({ default: true, replaces: true }),
    minLower: number({ default: 0, replaces: true, validate: atLeast(0) }),
    minUpper: number({ default: 0, replaces: true, validate: atLeast(0) }),
    minNumeric: number({ default: 0, replaces: true, validate: atLeast(0) }),
    minSpecial: number({ default: 0, replaces: true, validate: atLeast(0) }),
    overrideSpecial: string({ replaces: true }),
    result: string({ output: true, secret: true }),
    bcryptHash: string({ output: true, secret: true }),
    id: string({ output: true }),
};

const MINIMA = ["minLower", "minUpper", "minNumeric", "minSpecial"];

export const randomPassword = frameworkResource("the lab's substitute of the random provider", {
    schema,
    check(inputs) {
        const needed = MINIMA.reduce((sum, name) => sum + (numberOf(inputs, name) ?? 0), 0);
        const length = numberOf(inputs, "length");
        const sum = "min_upper + min_lower + min_numeric + min_special";
        return length !== undefined && length < needed
            ? [
                  {
                      path: "length",
                      message: `Invalid Attribute Value. Attribute {} value must be at least sum of ${sum}, got: ${length}`,
                  },
              ]
            : [];
    },
    // `number` is the old name of `numeric`; the state has both, with one value.
    plan(planned, inputs) {
        const numeric = inputs.numeric ?? inputs.number ?? true;
        return { ...planned, number: numeric, numeric };
    },
    async create(planned) {
        const result = makePassword(planned);
        // Loaded here: bcrypt is needed by nothing else in this plugin.
        const { hash } = await import("bcryptjs");
        return { id: "none", outputs: { id: "none", result, bcryptHash: await hash(result.slice(0, 72), 10) } };
    },
});

/** The minima first, the rest from all allowed characters, then shuffled. */
function makePassword(planned: Props): string {
    const classes = [
        { allowed: flag(planned, "lower"), characters: LOWER, least: "minLower" },
        { allowed: flag(planned, "upper"), characters: LOWER.toUpperCase(), least: "minUpper" },
        { allowed: flag(planned, "numeric"), characters: "0123456789", least: "minNumeric" },
        {
            allowed: flag(planned, "special"),
            characters: text(planned, "overrideSpecial") ?? SPECIAL,
            least: "minSpecial",
        },
    ];
    const all = classes
        .filter((one) => one.allowed)
        .map((one) => one.characters)
        .join("");
    if (all === "") {
        throw new Error("the character set specified is empty");
    }
    const characters = classes.flatMap((one) => pick(one.characters, numberOf(planned, one.least) ?? 0));
    const length = numberOf(planned, "length") ?? 0;
    return shuffle([...characters, ...pick(all, length - characters.length)]).join("");
}

function pick(from: string, count: number): string[] {
    return Array.from({ length: count }, () => from.charAt(randomInt(from.length)));
}

function shuffle(items: string[]): string[] {
    const left = [...items];
    return items.map(() => left.splice(randomInt(left.length), 1)[0] ?? "");
}
