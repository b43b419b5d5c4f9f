import { readFileSync } from "node:fs";
import * as path from "node:path";

import type * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../../nas/script";
import { globsSource } from "../../settings/glob";
import { filled, type Plain } from "../../settings/section";
import type { Problems } from "../../settings/shape";
import { secondsIn } from "../../settings/units";

/** Which tags are kept, of those that it is about. */
export interface RetentionRuleArgs {
    /**
     * Repositories that it is about: `*` stands for anything but a slash, `**` for anything, `?` for one character, `[0-9]` for one
     * of these. @default ["**"], all of them @example ["ci/*", "app"] @is pattern
     */
    repositories?: pulumi.Input<pulumi.Input<string>[]>;
    /** Tags that it is about, as patterns of the same kind. @default ["*"], all of them @example ["pr-*", "nightly-[0-9]*"] @is pattern */
    tags?: pulumi.Input<pulumi.Input<string>[]>;
    /** Keeps so many of them in each repository, those that were pushed last. @default none for their number @is whole 1..1000000 */
    keepNewest?: pulumi.Input<number>;
    /** Keeps those that were pushed within this time. @default none for their age @example "720h" @is duration 1s..87600h */
    keepYounger?: pulumi.Input<string>;
}

/**
 * Which tags are deleted: those that at least one rule is about, and that none keeps. A tag stays, too, whose image another one
 * that stays has, or an index or a referrer that stays refers to. What is about an image, as a signature is, stays as long as that.
 */
export interface RetentionArgs {
    /** Cron expression, in the NAS's own time. @default "0 3 * * *" @example "0 3 * * sun" @is cron */
    schedule?: pulumi.Input<string>;
    /** What is kept. A tag that no rule is about stays. @example [{ repositories: ["ci/**"], keepNewest: 20, keepYounger: "720h" }] */
    rules: pulumi.Input<pulumi.Input<RetentionRuleArgs>[]>;
    /** Tags that always stay, as patterns. @default ["latest"] @example ["latest", "v*"] @is pattern */
    keep?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Percent of the tags of a repository, and of all tags, that may go at once. When more would, none does.
     * @default 30 @is whole 1..100
     */
    maxShare?: pulumi.Input<number>;
    /** Deletes; until it is true, what would be deleted is only said. @default false */
    apply?: pulumi.Input<boolean>;
    /** Image of regctl, which deletes. @default "regclient/regctl:v0.11.7" @is image regclient/regctl:v0.11.7 */
    image?: pulumi.Input<string>;
}

const beside = (file: string) => readFileSync(path.join(__dirname, file), "utf8");

/** @param image Where none is given. */
export function retentionValues(args: Plain<RetentionArgs> | undefined): ScriptValues {
    const { rules, keep, maxShare, apply } = filled(args, { rules: [], keep: ["latest"], maxShare: 30, apply: false });
    const lines = rules.map(({ repositories = ["**"], tags = ["*"], keepNewest = "-", keepYounger }) => {
        const seconds = keepYounger === undefined ? "-" : Math.ceil(secondsIn(keepYounger));
        return `rule ${globsSource(repositories)} ${globsSource(tags)} ${keepNewest} ${seconds}`;
    });
    return {
        retention_rules: rules.length > 0 ? [`share ${maxShare}`, ...keepLines(keep), ...lines].join("\n") : "",
        retention_apply: apply ? "yes" : "",
        plan_program: beside("plan.awk"),
        references_program: beside("references.awk"),
    };
}

const keepLines = (keep: string[]) => (keep.length > 0 ? [`keep ${globsSource(keep)}`] : []);

type KnownRule = { [Name in keyof RetentionRuleArgs]?: unknown };

/** What of the arguments is wrong together. */
export function checkRetention(problems: Problems, rules: (KnownRule | undefined)[] | undefined): void {
    const refuse = (name: string, sentence: string) => problems.add(`operations.retention.${name}: ${sentence}`);
    if (rules?.length === 0) {
        refuse("rules", "[] is not allowed; give at least one rule, or leave retention out.");
    }
    rules?.forEach((rule = { keepNewest: undefined }, index) => {
        if (!("keepNewest" in rule) && !("keepYounger" in rule)) {
            refuse(`rules[${index}]`, "it keeps nothing; give keepNewest, keepYounger or both.");
        }
        for (const name of ["repositories", "tags"] as const) {
            if ((rule[name] as unknown[] | undefined)?.length === 0) {
                refuse(
                    `rules[${index}].${name}`,
                    "[] is not allowed; give at least one pattern, or leave it out for all.",
                );
            }
        }
    });
}
