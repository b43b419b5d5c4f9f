import { spread, type Spread } from "../statistics";
import type { OperationName } from "./operations";
import type { Samples } from "./samples";

/** What this package is to take at most. */
export interface Bar {
    title: string;
    most: number;
    /** Undefined where it was not measured. */
    measured: Spread | undefined;
}

const OURS = "nas-registry";

export function bars(samples: Samples, delays: readonly number[]): Bar[] {
    const at = (delay: number) => (delays.length > 1 ? `, ${delay} ms` : "");
    const of = (values: readonly number[]) => (values.length > 0 ? spread(values) : undefined);
    const ratio = (title: string, most: number, operation: OperationName, other: string, among = delays): Bar[] =>
        among.map((delay) => ({
            title: `${title}${at(delay)}`,
            most,
            measured: of(samples.ratios(OURS, other, operation, delay)),
        }));
    const logins = (title: string, most: number, operation: OperationName): Bar[] =>
        delays.map((delay) => ({
            title: `${title}${at(delay)}`,
            most,
            measured: of(samples.values(OURS, operation, delay, (each) => each.logins)),
        }));
    /** From its beginning, when there is no registry yet. */
    const untilAnswer = (most: number, other: string): Bar[] =>
        delays.map((delay) => ({
            title: `First deployment until the registry answers, of ${other}'s${at(delay)}`,
            most,
            measured: of(samples.ratios(OURS, other, "first", delay, ({ silent }) => silent)),
        }));
    return [
        ...untilAnswer(0.5, "Ansible"),
        ...untilAnswer(0.8, "Compose"),
        ...logins("First deployment: SSH logins", 5, "first"),
        ...ratio("Nothing to do, of an empty program's", 1.25, "nothing", "empty", [0]),
        ...ratio("Nothing to do, of Ansible's", 0.35, "nothing", "Ansible"),
        ...logins("Nothing to do: SSH logins", 0, "nothing"),
        ...ratio("Drift check, of Ansible's", 0.6, "drift", "Ansible"),
        ...ratio("Destroy, of an empty program's", 2.5, "destroy", "empty", [0]),
        {
            title: "One user changed: rounds in which a container is another one or has restarted",
            most: 0,
            measured: touchedRounds(samples),
        },
    ];
}

function touchedRounds(samples: Samples): Spread | undefined {
    const touched = samples.values(OURS, "user", 0, (each) => Number(each.touched));
    const sum = touched.reduce((before, each) => before + each, 0);
    return touched.length > 0 ? spread([sum]) : undefined;
}
