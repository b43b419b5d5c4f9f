import * as pulumi from "@pulumi/pulumi";

import { Problems } from "./checks";
import { knownOf, type Known } from "./known";
import { checkSection, type Plain, type Section } from "./section";

/**
 * Arguments that are right. What is wrong in those that are known now is thrown now, before any resource is made; an Output
 * is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function checked<Args extends object>(
    component: pulumi.Resource,
    args: Args,
    section: Section<Args>,
): pulumi.Output<Plain<Args>> {
    const check = (known: Known<Args>) => {
        const problems = new Problems();
        checkSection(problems, known, section);
        refuse(component, problems.sentences);
    };
    check(knownOf(args));
    return pulumi.output(args).apply((plain) => {
        check(knownOf(plain) as Known<Args>);
        return plain;
    });
}

/** Throws sentences, all of them together. */
export function refuse(component: pulumi.Resource, sentences: string[]): void {
    if (sentences.length > 0) {
        throw new pulumi.ResourceError(sentences.join("\n"), component, true);
    }
}
