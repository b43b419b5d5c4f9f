import type { Action, Wanted } from "./tool";

export interface Operation {
    readonly name: string;
    readonly title: string;
    readonly action: Action;
    /** What is different from then on. */
    readonly change?: Partial<Wanted>;
    /** Whether the registry is watched meanwhile, which costs it a little. */
    readonly isWatched?: boolean;
    /** Also tried with a delay. */
    readonly isDelayed?: boolean;
    /** Also of a program without resources. */
    readonly isEmpty?: boolean;
}

export type OperationName = (typeof operations)[number]["name"];

/** One after another, from a NAS without a registry to a NAS without one. */
export const operations = [
    {
        name: "first",
        title: "First deployment",
        action: "deploy",
        isWatched: true,
        isDelayed: true,
        isEmpty: true,
    },
    { name: "nothing", title: "Nothing to do", action: "deploy", isDelayed: true, isEmpty: true },
    { name: "drift", title: "Drift check", action: "refresh", isDelayed: true, isEmpty: true },
    { name: "user", title: "One user changed", action: "deploy", change: { rotation: 2 }, isWatched: true },
    { name: "limits", title: "Limits changed", action: "deploy", change: { memory: 1536 }, isWatched: true },
    {
        name: "image",
        title: "Image upgraded",
        action: "deploy",
        change: { image: "registry:3.1.3" },
        isWatched: true,
    },
    { name: "daemon", title: "Daemon key changed", action: "deploy", change: { logSize: "20m" }, isWatched: true },
    { name: "destroy", title: "Destroy", action: "destroy", isDelayed: true, isEmpty: true },
] as const satisfies readonly Operation[];

export const initially: Wanted = { image: "registry:3.1.2", memory: 1024, rotation: 1, logSize: "10m" };
