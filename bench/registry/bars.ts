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
        const of = (name: string) =>
            samples
                .filter(
                    (each) =>
                        each.condition === conditions[0]?.name && each.load === load.name && each.registry === name,
                )
                .sort((a, b) => a.round - b.round)
                .map(({ push }) => push.seconds);
        return of(registry).length > 0 ? { measured: ratios(of(registry), of(other)) } : {};
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

export const isHeld = ({ measured, most = Infinity, least = 0 }: Bar): boolean =>
    measured !== undefined && measured.median <= most && measured.median >= least;
