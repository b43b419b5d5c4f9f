import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import * as components from "../../components";
import { CONTAINER } from "../../lab/providers/docker/container-schema";
import { issue } from "../../tests/certificates";
import { capableNas, registered, type Registered } from "../../tests/unit/mocks";
import type { Argument } from "./arguments";

type Args = Record<string, unknown>;

/** What a component asks the engine for, and its outputs that clients use. */
interface Declared {
    resources: Registered[];
    url: string | undefined;
    caCertificate: string | undefined;
}

type Component = pulumi.ComponentResource & Partial<Record<"url" | "caCertificate", pulumi.Output<string>>>;

const NAME = "registry";
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
const connection = { host: "nas.example.com", hostKey };
const nas = { vendor: "synology", connection };

/** The arguments that each component must have. */
const REQUIRED: Record<string, Args> = {
    NasRegistry: nas,
    NasMirror: nas,
    NasDaemonConfig: nas,
    NasProbe: nas,
    RegistryClient: { connection, registry: "nas.example.com:9160", username: "anna", password: "a chosen one" },
    ServerCertificate: { names: ["nas.example.com"] },
};

/** Values that no comment can hold: certificates, and another one than the required. */
async function unwritten(): Promise<Record<string, unknown[]>> {
    const [first, second] = await Promise.all(
        [0, 1].map(() => issue("nas.example.com", { names: ["nas.example.com"] })),
    );
    const pair = ({ certificate, privateKey } = { certificate: "", privateKey: "" }) => ({ certificate, privateKey });
    return {
        vendor: ["qnap"],
        connection: [{ ...connection, host: "other.example.com" }],
        certificate: [pair(first), pair(second)],
        trustedCertificates: [first?.certificate],
        caCertificate: [first?.certificate],
    };
}

/**
 * What a change of each argument of a component does, in sentences by the argument's name. It is found by declaring the
 * component under mocks with the argument and without it, or with another value of it.
 */
export async function effectsOf(name: string, args: readonly Argument[]): Promise<Map<string, string>> {
    const known = await unwritten();
    const Class = (components as unknown as Record<string, new (name: string, args: never) => Component>)[name];
    const declared = new Map<string, Promise<Declared | string>>();
    const declare = (given: Args): Promise<Declared | string> => {
        const key = JSON.stringify(given);
        const earlier = declared.get(key) ?? tryToDeclare(Class as never, { ...REQUIRED[name], ...given });
        declared.set(key, earlier);
        return earlier;
    };
    const valuesOf = (argument: Argument) => known[argument.name] ?? valuesIn(argument);
    /** The arguments with those that they are refused without. */
    const complete = async (given: Args): Promise<Args> => {
        const refusal = await declare(given);
        if (typeof refusal !== "string") {
            return given;
        }
        const [, choice = "", value] = /: (?:it is|they are) used with (\w+) ([\w-]+) only/.exec(refusal) ?? [];
        const [, missing] = /^(\w+): it is missing; /m.exec(refusal) ?? [];
        const needed = args.find((each) => each.name === missing);
        const more = needed ? { [needed.name]: valuesOf(needed)[0] } : { [choice]: value };
        if (Object.keys(more).every((each) => each in given || each === "")) {
            throw new Error(`${name} refuses an example: ${JSON.stringify(given)}: ${refusal}`);
        }
        return complete({ ...given, ...more });
    };
    /** What goes with the argument alone, such as the certificate of `tls: given`, is refused without it. */
    const firstAccepted = async ([given = {}, ...others]: Args[]): Promise<Declared> => {
        const outcome = await declare(given);
        if (typeof outcome !== "string") {
            return outcome;
        }
        if (others.length === 0) {
            throw new Error(`${name} refuses ${JSON.stringify(given)}: ${outcome}`);
        }
        return firstAccepted(others);
    };
    const effects = new Map<string, string>();
    for (const argument of args) {
        const [first, second] = valuesOf(argument);
        const after = await complete({ [argument.name]: first });
        const { [argument.name]: _, ...without } = after;
        const before = second === undefined ? without : { ...after, [argument.name]: second };
        effects.set(argument.name, describe(await firstAccepted([before, {}]), await firstAccepted([after])));
    }
    return effects;
}

/** Values of an argument, of which the first is not its default. */
function valuesIn({ name, examples, type, default: standard = "" }: Argument): unknown[] {
    if (examples.length > 0) {
        return examples.map((example) => parse(example) as unknown);
    }
    if (type.kind === "boolean") {
        return [!standard.startsWith("true")];
    }
    const words = type.kind === "words" ? type.words : [];
    const other = words.find(({ value }) => !standard.includes(`"${value}"`));
    if (!other) {
        throw new Error(`${name}: its comment needs an @example.`);
    }
    return [other.value];
}

/** Or the sentences with which the component refuses. */
async function tryToDeclare(
    Class: new (name: string, args: Args) => Component,
    args: Args,
): Promise<Declared | string> {
    const known = async (output: pulumi.Output<string> | undefined) =>
        output && (await new Promise<string>((resolve) => output.apply(resolve)));
    try {
        let made: Component | undefined;
        const resources = await registered(() => (made = new Class(NAME, args)), { answer });
        return { resources, url: await known(made?.url), caCertificate: await known(made?.caCertificate) };
    } catch (error) {
        return (error as Error).message;
    }
}

/** Answers that change with what was asked, as an authority's and a NAS's do. */
function answer(type: string, inputs: Args): Args {
    switch (type) {
        case "tls:index/certRequest:CertRequest":
            return { certRequestPem: JSON.stringify(inputs) };
        case "tls:index/locallySignedCert:LocallySignedCert":
            return { certPem: JSON.stringify(inputs) };
        case "command:remote:Command":
            return { stdout: answerOf(String(inputs.stdin)) };
        default:
            return {};
    }
}

/** A NAS whose directory and owner of the images are the ones asked for. */
function answerOf(script: string): string {
    const asked = (name: string) => new RegExp(`^${name}='(.+)'$`, "m").exec(script)?.[1];
    const user = asked("run_as_user");
    return `${capableNas}\ndataRoot=/volume1/@docker\nrestartedAt=2026-01-31T12:00:00Z`
        .replace(
            /^dataDirectory=.*$/m,
            `dataDirectory=${asked("data_directory") ?? `/volume1/${asked("shared_folder") ?? "docker"}/registry-data`}`,
        )
        .replace(/^sharedFolder=.*$/m, `sharedFolder=/volume1/${asked("shared_folder") ?? "docker"}`)
        .replace(/^owner=.*$/m, (line) => (user ? `owner=${user}:${user}` : line));
}

/** How a resource differs: made, removed, replaced, or changed as it stands. */
type Difference = "made" | "removed" | "replaced" | "changed";

/** What a person notices, the gravest first: `type name` of a resource, how it differs [in any way], and the sentence. */
const NOTICED: [resource: RegExp, sentence: string, ...ways: Difference[]][] = [
    [
        /Command registry-daemon$/,
        "**Restarts the NAS's Docker daemon, and with it every container on the NAS**, unless the daemon has these settings already",
    ],
    [/Command registry-data-owner/, "Gives every file of the data directory to `runAsUser`"],
    [/Container registry$/, "Replaces the registry's container", "replaced"],
    [/Container registry-redis/, "Replaces Redis's container, which begins empty", "replaced"],
    [/Container registry-redis/, "Makes or removes Redis's container", "made", "removed"],
    [/Container registry/, "Changes the containers while they run", "changed"],
    [/RemoteImage/, "Pulls the image first", "changed"],
    [/PrivateKey registry-transport/, "Makes another key for the Docker Engine, and lets the old one in no more"],
    [/Command registry-transport/, "Writes the key's line in `authorized_keys` again"],
    [/PrivateKey registry-ca/, "Makes or removes the certificate authority"],
    [/LocallySignedCert/, "Issues a new server certificate of the same authority", "changed"],
    [/Command registry-reverse-proxy/, "Changes the rule and the certificate of DSM's web server"],
    [/Command registry-list/, "Changes the entry in DSM's list of registries"],
    [
        /Command registry-daemon-trust/,
        "Writes or removes the certificate in the certs.d of the NAS's daemon, which restarts nothing",
    ],
    [/Command registry-operations/, "Writes the program on the NAS and its entry in the NAS's scheduler"],
    [/Command registry-trust/, "Writes files on the host, and restarts no container"],
];

/** What is said when there is none of the above. */
const SLIGHT: typeof NOTICED = [
    [/Command registry-files/, "Writes files on the NAS, and restarts nothing"],
    [/Command registry-probe/, "Asks the NAS again, and changes nothing on it"],
];

/** What goes with one of the above. */
const SILENT =
    /Command registry-(smoke-test|trial|files|probe)|Container |providers:docker|tls:index|random:index|RemoteImage/;

function describe(before: Declared, after: Declared): string {
    const differences = differencesOf(before.resources, after.resources);
    const applies = ([resource, , ...ways]: (typeof NOTICED)[number]) =>
        [...differences].some(([name, way]) => resource.test(name) && (ways.length === 0 || ways.includes(way)));
    const scripts = after.resources.filter(({ type }) => type === "command:remote:Command");
    if (
        scripts.length > 2 &&
        scripts.length === differences.size &&
        scripts.every((each) => differences.has(nameOf(each)))
    ) {
        return "Runs every script of the component again, which puts back what is missing, and restarts nothing that is right.";
    }
    const noticed = NOTICED.filter(applies);
    const [slight] = SLIGHT.filter(applies);
    const unheard = [...differences.keys()].filter(
        (name) => !SILENT.test(name) && !NOTICED.some(([resource]) => resource.test(name)),
    );
    if (unheard.length > 0) {
        throw new Error(`toolchain/reference/effects.ts has no sentence for ${unheard.join(", ")}.`);
    }
    const sentences = (noticed.length > 0 ? noticed : slight ? [slight] : []).map(([, sentence]) => sentence);
    if (before.url !== after.url) {
        sentences.push("Clients reach the registry under another URL");
    }
    if (before.caCertificate !== after.caCertificate) {
        sentences.push("Clients trust another certificate (`clientSetup`)");
    }
    return sentences.length > 0 ? `${sentences.join(". ")}.` : "Changes nothing on the NAS.";
}

const nameOf = ({ type, name }: Registered) => `${type} ${name}`;

function differencesOf(before: Registered[], after: Registered[]): Map<string, Difference> {
    const named = (all: Registered[]) => new Map(all.map((each) => [nameOf(each), each]));
    const [old, made] = [named(before), named(after)];
    return new Map(
        [...new Set([...old.keys(), ...made.keys()])].flatMap((name) => {
            const difference = differenceOf(old.get(name), made.get(name));
            return difference ? [[name, difference] as const] : [];
        }),
    );
}

function differenceOf(old?: Registered, made?: Registered): Difference | undefined {
    if (!old || !made) {
        return old ? "removed" : "made";
    }
    if (old.options.replacementTrigger !== made.options.replacementTrigger) {
        return "replaced";
    }
    const changed = Object.keys({ ...old.inputs, ...made.inputs }).filter(
        (input) => JSON.stringify(old.inputs[input]) !== JSON.stringify(made.inputs[input]),
    );
    const replaces = (input: string) =>
        made.type === "docker:index/container:Container" &&
        (made.options.replaceOnChanges.includes(input) || CONTAINER[input]?.replaces);
    return changed.length === 0 ? undefined : changed.some(replaces) ? "replaced" : "changed";
}
