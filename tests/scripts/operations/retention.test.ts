import * as fs from "node:fs";
import * as path from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { retentionValues } from "../../../components/operations/retention/retention";
import { capture } from "../../../toolchain/process";
import { awks } from "../daemon/nas";

const NOW = 2_000_000_000;

interface Tag {
    name: string;
    digest: string;
    seconds: number;
}
interface Image {
    /** Whether `children` make it an index. */
    children: string[];
    subject?: string;
}
interface Repository {
    name: string;
    images: Record<string, Image>;
    tags: Tag[];
}
interface Rule {
    repositories?: string[];
    tags?: string[];
    keepNewest?: number;
    keepYounger?: string;
}
interface Rules {
    rules: Rule[];
    keep?: string[];
    maxShare: number;
}
interface Going extends Tag {
    kind: string;
    repository: string;
}

const hex = (number: number) => number.toString(16).padStart(64, "0");
const digest = (number: number) => `sha256:${hex(number)}`;
const subjectOf = ({ name }: Tag) => /^sha256-([0-9a-f]{64})(\.|$)/.exec(name)?.[1];

async function plan([command = "", ...args]: string[], registry: Repository[], rules: Rules) {
    const { retention_rules: lines, plan_program: program } = retentionValues(rules);
    const images = registry.flatMap(({ images }) => Object.entries(images));
    const newestFirst = registry.flatMap(({ name, tags }) =>
        [...tags].sort((a, b) => b.seconds - a.seconds).map((tag) => ({ repository: name, ...tag })),
    );
    const input = [
        `now ${NOW}`,
        lines,
        ...registry.flatMap(({ name, images }) => Object.keys(images).map((each) => `revision ${name} ${each}`)),
        ...new Set(images.flatMap(([each, { children }]) => children.map((child) => `index ${each} ${child}`))),
        ...new Set(images.flatMap(([each, { subject }]) => (subject ? [`subject ${each} ${subject}`] : []))),
        ...newestFirst.map(
            ({ repository, name, digest, seconds }) =>
                `tag ${repository} n${9e9 - seconds} ${name} ${digest} ${seconds}`,
        ),
        "end",
    ];
    const result = await capture(command, [...args, String(program)], { input: `${input.join("\n")}\n` });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: "" });
    const words = result.stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" "));
    expect(words.pop()).toEqual(["end"]);
    return {
        going: words
            .filter(([kind]) => kind !== "refused")
            .map(([kind = "", repository = "", name = "", digest = "", seconds]) => {
                return { kind, repository, name, digest, seconds: Number(seconds) };
            }),
        refused: words.filter(([kind]) => kind === "refused").map(([, ...rest]) => rest),
    };
}

/** As Harbor and git read patterns; of the kinds that the registries below have. */
function isLike(pattern: string, text: string): boolean {
    if (pattern === "") return text === "";
    if (pattern.startsWith("**/") && isLike(pattern.slice(3), text)) return true;
    if (pattern.startsWith("**")) {
        return [...Array(text.length + 1).keys()].some((length) => isLike(pattern.slice(2), text.slice(length)));
    }
    if (pattern.startsWith("*")) {
        const end = text.includes("/") ? text.indexOf("/") : text.length;
        return [...Array(end + 1).keys()].some((length) => isLike(pattern.slice(1), text.slice(length)));
    }
    const [, set] = /^\[(!?[^\]]+)\]/.exec(pattern) ?? [];
    if (set !== undefined) {
        const isIn = set
            .replace("!", "")
            .replace("0-9", "0123456789")
            .includes(text[0] ?? "\n");
        return text !== "" && isIn !== set.startsWith("!") && isLike(pattern.slice(set.length + 2), text.slice(1));
    }
    return (
        text !== "" &&
        (pattern.startsWith("?") || pattern.startsWith(text.charAt(0))) &&
        isLike(pattern.slice(1), text.slice(1))
    );
}
const isLikeOne = (patterns: string[], text: string) => patterns.some((pattern) => isLike(pattern, text));

/** The model of what rules say: which of a repository's tags one of them keeps, or none is about. */
function keptByRules({ name, tags }: Repository, { rules, keep = ["latest"] }: Rules): Tag[] {
    const isFree = (tag: Tag) => !isLikeOne(keep, tag.name) && subjectOf(tag) === undefined;
    const about = (rule: Rule) =>
        isLikeOne(rule.repositories ?? ["**"], name)
            ? tags.filter((tag) => isFree(tag) && isLikeOne(rule.tags ?? ["*"], tag.name))
            : [];
    const keptBy = (rule: Rule) => {
        const [oldest] = about(rule)
            .map(({ seconds }) => seconds)
            .sort((a, b) => b - a)
            .slice(0, rule.keepNewest ?? 0)
            .slice(-1);
        const age = rule.keepYounger === undefined ? -Infinity : parseInt(rule.keepYounger);
        return about(rule).filter(({ seconds }) => seconds >= (oldest ?? Infinity) || NOW - seconds < age);
    };
    return tags.filter(
        (tag) =>
            isLikeOne(keep, tag.name) ||
            (subjectOf(tag) === undefined && !rules.some((rule) => about(rule).includes(tag))) ||
            rules.some((rule) => keptBy(rule).includes(tag)),
    );
}

/** All that images refer to, and they themselves. What has one digest is one thing in all repositories. */
function reached(images: Repository["images"], from: string[], withSubjects: boolean): Set<string> {
    const found = new Set<string>();
    const visit = (each: string) => {
        if (found.has(each)) return;
        found.add(each);
        const { children = [], subject } = images[each] ?? {};
        [...children, ...(withSubjects && subject ? [subject] : [])].forEach(visit);
    };
    from.forEach(visit);
    return found;
}

function expectRight(registry: Repository[], rules: Rules, going: Going[]): void {
    const all = Object.assign({}, ...registry.map(({ images }) => images)) as Repository["images"];
    for (const repository of registry) {
        const { tags, images } = repository;
        const gone = tags.filter((tag) =>
            going.some((each) => each.repository === repository.name && each.name === tag.name),
        );
        const left = tags.filter((tag) => !gone.includes(tag));
        const kept = keptByRules(repository, rules);
        const isTagged = (each: string) => tags.some((tag) => tag.digest === each);
        const untagged = Object.keys(images).filter((each) => !isTagged(each));
        const ofUntagged = untagged.flatMap((each) => images[each]?.children ?? []);
        const living = reached(all, [...left.map((tag) => tag.digest), ...ofUntagged], true);

        expect(gone.filter((tag) => kept.includes(tag))).toEqual([]);
        expect(gone.filter((tag) => living.has(tag.digest))).toEqual([]);
        const dead = reached(
            all,
            gone.map((tag) => tag.digest),
            false,
        );
        const ofReferrers = gone.filter((tag) => subjectOf(tag) !== undefined);
        expect(ofReferrers.filter((tag) => living.has(`sha256:${subjectOf(tag)}`))).toEqual([]);
        expect(ofReferrers.filter((tag) => !dead.has(`sha256:${subjectOf(tag)}`))).toEqual([]);

        // And nothing is left without a reason.
        const reasons = kept.map((tag) => tag.digest);
        const referrers = left.filter((tag) => subjectOf(tag) !== undefined);
        const held = reached(all, [...reasons, ...ofUntagged, ...referrers.map((tag) => tag.digest)], true);
        const idle = left.filter((tag) => subjectOf(tag) === undefined && !held.has(tag.digest));
        expect(idle).toEqual([]);
        const followed = referrers.filter(
            (tag) => dead.has(`sha256:${subjectOf(tag)}`) && !living.has(`sha256:${subjectOf(tag)}`),
        );
        const others = (tag: Tag) =>
            reached(all, [...left.filter((each) => each !== tag).map((each) => each.digest), ...ofUntagged], true);
        expect(followed.filter((tag) => !kept.includes(tag) && !others(tag).has(tag.digest))).toEqual([]);
    }
}

const sizes = { numbers: 19, tags: 16 };
const number = fc.integer({ min: 0, max: sizes.numbers });
/** A digest is made of all that an image refers to, so it refers to smaller numbers alone. */
const image = fc.record({
    children: fc.oneof({ weight: 9, arbitrary: fc.constant<number[]>([]) }, fc.array(number, { maxLength: 3 })),
    subject: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, number),
});
const referrer = fc
    .tuple(number, fc.constantFrom("", ".sig", ".att", ".sbom"))
    .map(([to, end]) => `sha256-${hex(to)}${end}`);
const tagName = fc.oneof(
    {
        weight: 6,
        arbitrary: fc.constantFrom(
            "latest",
            "1",
            "2",
            "2.0",
            "20",
            "v1",
            "v1.0",
            "pr-1",
            "pr-12",
            "pr-x",
            "a",
            "b",
            "c",
        ),
    },
    { weight: 2, arbitrary: referrer },
);
const seconds = fc.integer({ min: -2, max: 40 }).map((age) => NOW - age);
const repository = (name: string): fc.Arbitrary<Repository> =>
    fc
        .record({
            images: fc.array(image, { minLength: sizes.numbers + 1, maxLength: sizes.numbers + 1 }),
            absent: fc.uniqueArray(number, { maxLength: 3 }),
            tags: fc.uniqueArray(fc.record({ name: tagName, digest: number.map(digest), seconds }), {
                selector: (tag) => tag.name,
                minLength: 4,
                maxLength: sizes.tags,
            }),
        })
        .map(({ images, absent, tags }) => ({
            name,
            tags,
            images: Object.fromEntries(
                images
                    .map(({ children, subject }, index) => {
                        const smaller = children.filter((child) => child < index).map(digest);
                        const to = subject !== undefined && subject < index ? { subject: digest(subject) } : {};
                        return [digest(index), { children: smaller, ...to }] as const;
                    })
                    .filter((_, index) => !absent.includes(index)),
            ),
        }));
const sameEverywhere = (registry: Repository[]) => {
    const all = Object.assign({}, ...registry.map(({ images }) => images)) as Repository["images"];
    return registry.map((each) => ({
        ...each,
        images: Object.fromEntries(Object.keys(each.images).map((key) => [key, all[key] ?? { children: [] }])),
    }));
};
const registries = fc
    .tuple(repository("app"), repository("ci/app"), repository("ci/a/b"))
    .map((all) => sameEverywhere(all));
const patterns = (...all: string[]) =>
    fc.option(fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 2 }), { nil: undefined });
const rule = fc
    .record({
        repositories: patterns("**", "app", "ci/*", "ci/**", "**/app", "*"),
        tags: patterns("*", "v*", "pr-*", "pr-[0-9]*", "[!v]*", "?", "2.0", "sha256-*"),
        keepNewest: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        keepYounger: fc.option(
            fc.integer({ min: 1, max: 40 }).map((age) => `${age}s`),
            { nil: undefined },
        ),
    })
    .filter(({ keepNewest, keepYounger }) => keepNewest !== undefined || keepYounger !== undefined)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Rule);
const someRules: fc.Arbitrary<Rules> = fc.record(
    {
        rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
        keep: patterns("latest", "v*", "sha256-*", "2").map((all) => all ?? []),
        maxShare: fc.integer({ min: 1, max: 100 }),
    },
    { requiredKeys: ["rules", "maxShare"] },
);

test("of 1,000 registries nothing goes that a rule keeps, and all that nothing keeps", async () => {
    let went = 0;
    let refusals = 0;
    let runs = 0;
    await fc.assert(
        fc.asyncProperty(registries, someRules, async (registry, rules) => {
            const [, awk = []] = awks[runs++ % awks.length] ?? [];
            const { going, refused } = await plan(awk, registry, rules);
            expectRight(registry, rules, going);
            const isTooMany = (some: Going[], all: number) => some.length * 100 > rules.maxShare * all;
            const tooMany = registry
                .map(({ name, tags }) => [name, going.filter((each) => each.repository === name), tags.length] as const)
                .filter(([, some, all]) => isTooMany(some, all))
                .map(([name, some, all]) => [name, String(some.length), String(all)]);
            const all = registry.flatMap(({ tags }) => tags).length;
            const whole = isTooMany(going, all) ? [["-", String(going.length), String(all)]] : [];
            expect(new Set(refused)).toEqual(new Set([...tooMany, ...whole]));
            went += going.length;
            refusals += refused.length > 0 ? 1 : 0;
        }),
        { numRuns: 1000 },
    );
    expect(went).toBeGreaterThan(1000);
    expect(refusals).toBeGreaterThan(50);
}, 180_000);

describe.each(awks)("%s", (_, awk) => {
    const tagsOf = (...ages: [string, number][]) =>
        ages.map(([name, age]) => ({ name, digest: digest(100 + age), seconds: NOW - age }));
    const goingOf = async (repository: Partial<Repository>, rules: Partial<Rules>) => {
        const registry = [{ name: "app", images: {}, tags: [], ...repository }];
        const { going } = await plan(awk, registry, { rules: [{ keepNewest: 1 }], maxShare: 100, ...rules });
        return going.map(({ name }) => name);
    };

    test("a list that is cut short, or has a line of another kind, deletes nothing", async () => {
        const [command = "", ...args] = awk;
        const { retention_rules: lines, plan_program: program } = retentionValues({
            rules: [{ keepNewest: 1 }],
            maxShare: 100,
        });
        const tags = [`tag app n1 a ${digest(1)} 5`, `tag app n2 b ${digest(2)} 4`];
        const run = (...input: string[]) =>
            capture(command, [...args, String(program)], { input: `${input.join("\n")}\n` });
        const whole = await run("now 9", String(lines), ...tags, "end");
        expect(whole).toMatchObject({ code: 0, stdout: `image app b ${digest(2)} 4\nend\n` });
        expect(await run("now 9", String(lines), ...tags)).toMatchObject({ code: 1, stdout: "" });
        expect(await run("now 9", ...tags, "end")).toMatchObject({ code: 1, stdout: "" });
        expect(await run("now 9", String(lines), "tag app n1 a b c", ...tags, "tag x", "end")).toMatchObject({
            code: 1,
        });
    });

    test("40,000 tags of one repository take seconds, and not the minutes of lists that are copied as they grow", async () => {
        const all = Array.from({ length: 40_000 }, (_, index) => digest(index));
        const tags = all.map((each, index) => ({ name: `t${index}`, digest: each, seconds: NOW - index }));
        const images = Object.fromEntries(all.map((each) => [each, { children: [] }]));
        expect(await goingOf({ images, tags }, { rules: [{ keepNewest: 10 }] })).toHaveLength(39_990);
    }, 45_000);

    test("keeps the newest and the younger of one rule, and latest besides", async () => {
        const tags = tagsOf(["latest", 90], ["a", 1], ["b", 20], ["c", 30], ["d", 40]);
        expect(await goingOf({ tags }, { rules: [{ keepNewest: 2 }] })).toEqual(["c", "d"]);
        expect(await goingOf({ tags }, { rules: [{ keepYounger: "30s" }] })).toEqual(["c", "d"]);
        expect(await goingOf({ tags }, { rules: [{ keepNewest: 1, keepYounger: "31s" }] })).toEqual(["d"]);
        expect(await goingOf({ tags }, { rules: [{ keepNewest: 1 }, { keepYounger: "31s" }] })).toEqual(["d"]);
        expect(await goingOf({ tags }, { rules: [{ keepNewest: 4 }], keep: [] })).toEqual(["latest"]);
    });

    test("keeps one of several that were pushed at the same moment, and so all of them", async () => {
        const tags = [...tagsOf(["a", 1], ["b", 5]), { name: "c", digest: digest(77), seconds: NOW - 5 }];
        expect(await goingOf({ tags }, { rules: [{ keepNewest: 2 }] })).toEqual([]);
    });

    test("keeps what an index with a tag, or without, has, and lets it go with that", async () => {
        const [x, y, index] = [digest(1), digest(2), digest(3)];
        const images = { [x]: { children: [] }, [y]: { children: [] }, [index]: { children: [x, y] } };
        const children = [
            { name: "1-amd64", digest: x, seconds: NOW - 9 },
            { name: "1-arm64", digest: y, seconds: NOW - 8 },
        ];
        const newest = { name: "2", digest: digest(4), seconds: NOW };
        const tagged = { name: "1", digest: index, seconds: NOW - 7 };
        expect(await goingOf({ images, tags: [...children, tagged] }, {})).toEqual([]);
        expect(await goingOf({ images, tags: [...children, newest] }, {})).toEqual([]);
        expect(await goingOf({ images, tags: [...children, tagged, newest] }, {})).toEqual(["1", "1-arm64", "1-amd64"]);
    });

    test("a signature stays with its image, and goes with it, as those of an index's images do", async () => {
        const [child, index, signature] = [digest(1), digest(2), digest(3)];
        const images = { [child]: { children: [] }, [index]: { children: [child] }, [signature]: { children: [] } };
        const about = (number: number, end = ".sig") => ({
            name: `sha256-${hex(number)}${end}`,
            digest: digest(60 + number),
            seconds: NOW - 50,
        });
        const old = { name: "1", digest: index, seconds: NOW - 7 };
        const newest = { name: "2", digest: digest(9), seconds: NOW };
        const tags = [old, newest, about(1), about(2), about(2, ""), about(62, ".att"), about(9), about(8)];
        expect((await goingOf({ images, tags }, {})).sort()).toEqual(
            ["1", about(1).name, about(2).name, about(2, "").name, about(62, ".att").name].sort(),
        );
        expect(await goingOf({ images, tags: tags.filter((tag) => tag !== newest) }, {})).toEqual([]);
    });
});

test("the programs of the plan are in the package", () => {
    const directory = path.join(__dirname, "..", "..", "..", "components", "operations", "retention");
    expect(fs.readdirSync(directory).filter((file) => file.endsWith(".awk"))).toHaveLength(2);
});
