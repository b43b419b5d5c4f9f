import * as pulumi from "@pulumi/pulumi";

import { Problems } from "./checks";
import { knownOf, type Known } from "./known";

/**
 * Arguments that are right. What is wrong in those that are known now is thrown now, before any resource is made; an Output
 * is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function checked<Args extends object>(
    component: pulumi.Resource,
    args: Args,
    check: (problems: Problems, known: Known<Args>) => void,
): pulumi.Output<pulumi.Unwrap<Args>> {
    const refuse = (known: Known<Args>) => {
        const problems = new Problems();
        check(problems, known);
        if (problems.sentences.length > 0) {
            throw new pulumi.ResourceError(problems.sentences.join("\n"), component, true);
        }
    };
    refuse(knownOf(args) ?? ({} as Known<Args>));
    return pulumi.output(args).apply((plain) => {
        refuse(plain as Known<Args>);
        return plain;
    });
}
