import { problemsOf } from "../../tests/unit/arguments";
import { checkOf } from "../../components/settings/schema";
import { readReference, type Argument, type ComponentReference, type Type, type TypeReference } from "./arguments";
import { effectsOf } from "./effects";

/** The component whose arguments this one has, too: only its own are listed. */
const EXTENDED: Record<string, string> = { NasMirror: "NasRegistry" };

/** In the order in which a reader wants them. */
const ORDER = ["NasRegistry", "NasMirror", "NasDaemonConfig", "NasProbe", "RegistryClient", "ServerCertificate"];

/** The text of docs/reference/arguments.md, Markdown before its formatting. */
export async function argumentsPage(): Promise<string> {
    const { components, types } = readReference();
    const named = (name: string) => components.find((each) => each.name === name);
    const ordered = ORDER.map(named).filter((each) => each !== undefined);
    if (ordered.length !== components.length) {
        throw new Error("toolchain/reference/page.ts lacks a component in its order.");
    }
    const rules = rulesOf(
        types,
        ["NasMirror", "NasRegistry"].flatMap((name) => named(name)?.args ?? []),
    );
    const sections: string[] = [];
    for (const component of ordered) {
        sections.push(await componentSection(component, named(EXTENDED[component.name] ?? ""), rules));
    }
    return `<!-- \`npm run docs\` writes this page from the components, their comments and what they do. -->

# Arguments

Every argument of every component: what it is, its default, an example, and what a change of it does on the NAS. What may be a
secret (passwords, private keys, and the objects that they are in) is one in Pulumi's state, however it is given.

- In a stack file, all arguments of \`NasRegistry\` are below \`nas-registry:registry\`: \`pulumi config set --path registry.port 9170\`.
  A number that is not whole needs \`--type float\`, a text that looks like a number \`--type string\`, and a secret \`--secret\`.
- In a program, every argument takes a value or an output of another resource; the ones that say so must be known when the program runs,
  since they decide which resources there are.
- What a change does is found by declaring the component before and after it. [What a change does](changes.md) tells the same for
  whole tasks, with the gaps that clients see.
- Sizes are written as Docker does (\`512m\`, \`1g\`), durations as Go does (\`90s\`, \`24h\`).

${ordered.map(({ name }) => `- [${name}](#${name.toLowerCase()})`).join("\n")}
- [Types of arguments](#types-of-arguments)

${sections.join("\n\n")}

# Types of arguments

${types.map((type) => typeSection(type, rules)).join("\n\n")}
`;
}

async function componentSection(
    { name, text, args, outputs }: ComponentReference,
    extended: ComponentReference | undefined,
    rules: Rules,
): Promise<string> {
    const others = new Set(extended?.args.map((arg) => arg.name));
    const own = args.filter((arg) => !others.has(arg.name));
    const effects = await effectsOf(name, own);
    const missing = extended?.args.filter(({ name }) => !args.some((arg) => arg.name === name)) ?? [];
    const shared = extended
        ? `It has the arguments of [${extended.name}](#${extended.name.toLowerCase()}) but for ${missing.map(code).join(", ")}, and:\n\n`
        : "";
    const described = [...own]
        .sort((a, b) => Number(a.isOptional) - Number(b.isOptional))
        .map(
            (arg) => `### \`${arg.name}\`

${facts(arg, rules.get(`${name}Args.${arg.name}`)).join(". ")}.

${arg.text}
${words(arg.type)}
_A change:_ ${effects.get(arg.name) ?? ""}`,
        );
    const results = outputs.map((output) => `- \`${output.name}\`: ${oneLine(output.text)}`).join("\n");
    return `# ${name}\n\n${text}\n\n## Arguments of ${name}\n\n${shared}${described.join("\n\n")}\n\n## Outputs of ${name}\n\n${results}`;
}

function typeSection({ name, text, properties }: TypeReference, rules: Rules): string {
    const lines = properties.map((property) => {
        const about = facts(property, rules.get(`${name}.${property.name}`)).join(". ");
        return `- \`${property.name}\`: ${lowerFirst(about)}.\n  ${oneLine(property.text)}${inlineWords(property.type)}`;
    });
    return `## ${name}\n\n${text}\n\n${lines.join("\n")}`;
}

function facts({ type, isOptional, default: standard, examples, is }: Argument, found: string | undefined): string[] {
    const rule = found ?? (is === undefined || is.startsWith("wordOf") ? undefined : checkOf({ is }).allowed);
    return [
        typeName(type) + (rule === undefined ? "" : `${"of" in type ? ", each" : ","} ${rule}`),
        isOptional ? `Default: ${defaultOf(standard)}` : "Required",
        ...examples.map((example) => `Example: \`${oneLine(example)}\``),
    ].map(oneLine);
}

/** A literal stands out. */
function defaultOf(standard = "none"): string {
    return standard.replace(/^("[^"]*"|-?[\d.]+(?=,|$)|true|false|\{.*\}|\[.*\])/, "`$1`");
}

function typeName(type: Type): string {
    switch (type.kind) {
        case "string":
            return "Text";
        case "number":
            return "Number";
        case "boolean":
            return "True or false";
        case "words":
            return `One of ${type.words.map(({ value }) => code({ name: value })).join(", ")}`;
        case "object":
            return `Object, [${type.name}](#${type.name.toLowerCase()})`;
        default:
            return `${type.kind === "list" ? "List" : "Mapping"} of ${lowerFirst(typeName(type.of))}`;
    }
}

function words(type: Type): string {
    return type.kind === "words"
        ? `\n${type.words.map(({ value, text }) => `- \`${value}\`: ${oneLine(text)}`).join("\n")}\n`
        : "";
}

function inlineWords(type: Type): string {
    return type.kind === "words"
        ? ` ${type.words.map(({ value, text }) => `\`${value}\`: ${oneLine(text)}`).join(" ")}`
        : "";
}

const code = ({ name }: { name: string }) => `\`${name}\``;
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, " ");

/** What a value must be, in the words of the refusal of a bad one, by "Type.property". */
type Rules = Map<string, string>;

/** Values that no argument takes. */
const BAD = { string: ["\u{1F6AB}", "-5", ""], number: [-7.5, 1e15] };

/** Of the right type, so that what is beside them is looked at. */
const PLACEHOLDERS: Record<Type["kind"], unknown> = {
    string: "text",
    number: 1,
    boolean: true,
    words: "text",
    object: {},
    list: [],
    mapping: {},
};

function rulesOf(types: TypeReference[], args: Argument[]): Rules {
    const rules: Rules = new Map();
    const visit = (owner: string, property: Argument, within: (value: unknown) => object, at: string) => {
        const { name, type } = property;
        if (type.kind === "object") {
            const inner = types.find((each) => each.name === type.name)?.properties ?? [];
            const required = inner.filter(({ isOptional }) => !isOptional);
            const others = Object.fromEntries(required.map((each) => [each.name, PLACEHOLDERS[each.type.kind]]));
            for (const each of inner) {
                const inside = (value: unknown) => within({ ...others, [each.name]: value });
                visit(type.name, each, inside, `${at}.${each.name}`);
            }
        } else if (type.kind === "list" && type.of.kind === "object") {
            visit(owner, { ...property, type: type.of }, (value) => within([value]), `${at}[0]`);
        } else if (type.kind === "string" || type.kind === "number") {
            const [rule] = BAD[type.kind].flatMap((bad) => ruleIn(problemsOf(within(bad)), at));
            if (rule !== undefined) {
                rules.set(`${owner}.${name}`, rule);
            }
        }
    };
    args.forEach((arg) => visit("NasRegistryArgs", arg, (value) => ({ [arg.name]: value }), arg.name));
    return rules;
}

function ruleIn(problems: string, at: string): string[] {
    const sentence = problems.split("\n").find((each) => each.startsWith(`${at}: `));
    const [, rule] = /not allowed; it must be (.*)\.$/.exec(sentence ?? "") ?? [];
    return rule === undefined ? [] : [rule];
}
