import { ratios, type Spread } from "../statistics";
import { conditions } from "./conditions";
import { LARGE, SMALL, type Load } from "./load";
import { COST_10, DECLARED, GUIDE } from "./names";
import type { Sample } from ".";

/** What was aimed at. */
export interface Bar {
    title: string;
    measured?: Spread;
    /** Of the median. */
    most?: number;
    least?: number;
}

/** Ratios of pushes on this machine, without a limit. */
export function bars(samples: readonly Sample[]): Bar[] {
    const ratio = (load: Load, registry: string, other: string): Pick<Bar, "measured"> => {
        const values = pushesHere(samples, load, registry);
        return values.length > 0 ? { measured: ratios(values, pushesHere(samples, load, other)) } : {};
    };
    return [
        {
            title: `Push of ${SMALL.name} with TLS, users and Redis, of the unprotected one`,
            most: 1.6,
            ...ratio(SMALL, DECLARED, GUIDE),
        },
        {
            title: `Push of ${LARGE.name} with TLS, users and Redis, of the unprotected one`,
            most: 1.15,
            ...ratio(LARGE, DECLARED, GUIDE),
        },
        {
            title: `Push of ${SMALL.name} with bcrypt cost 10, of the declared one`,
            least: 5,
            ...ratio(SMALL, COST_10, DECLARED),
        },
    ];
}

/** Seconds on this machine, without a limit, in the order of rounds. */
export function pushesHere(samples: readonly Sample[], load: Load, registry: string): number[] {
    return samples
        .filter((each) => each.condition === conditions[0]?.name && each.load === load.name)
        .filter((each) => each.registry === registry)
        .sort((a, b) => a.round - b.round)
        .map(({ push }) => push.seconds);
}

export const isHeld = ({ measured, most = Infinity, least = 0 }: Bar): boolean =>
    measured !== undefined && measured.median <= most && measured.median >= least;
