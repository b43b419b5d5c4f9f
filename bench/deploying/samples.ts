import type { OperationName } from "./operations";
import type { Sample } from ".";

/** What was measured, asked for by tool and operation; one value a round, in the order of rounds. */
export class Samples {
    constructor(private readonly all: readonly Sample[]) {}

    /** Nothing where the tool does not do it. A tool without a drift check of its own always looks: it has nothing to do then. */
    values(
        tool: string,
        operation: OperationName,
        delay: number,
        read: (sample: Sample) => number | undefined,
    ): number[] {
        return this.asked(tool, operation, delay)
            .map(read)
            .filter((value) => value !== undefined);
    }

    /** How many times the other's seconds it takes, or what else is read, of each round in which both came to the end. */
    ratios(
        tool: string,
        other: string,
        operation: OperationName,
        delay: number,
        read: (sample: Sample) => number | undefined = ({ seconds }) => seconds,
    ): number[] {
        const others = new Map(this.asked(other, operation, delay).map((each) => [each.round, read(each)]));
        return this.asked(tool, operation, delay).flatMap((each) => {
            const [dividend, divisor] = [read(each), others.get(each.round)];
            return dividend === undefined || divisor === undefined ? [] : [dividend / divisor];
        });
    }

    private asked(tool: string, operation: OperationName, delay: number): Sample[] {
        const found = this.of(tool, operation, delay);
        return found.length === 0 && operation === "drift" ? this.of(tool, "nothing", delay) : found;
    }

    private of(tool: string, operation: OperationName, delay: number): Sample[] {
        return this.all
            .filter((each) => each.tool === tool && each.operation === operation && each.delay === delay)
            .sort((a, b) => a.round - b.round);
    }
}
