/** The generations of Docker Engine that NASes run, each with the Debian that has it. */
export const engines = {
    "20.10": { suite: "bookworm", containerdStore: false },
    "26.1": { suite: "trixie", containerdStore: false },
    "28.5": { suite: "forky", containerdStore: false },
    // The image store with which Docker 29 is delivered.
    "28.5-containerd": { suite: "forky", containerdStore: true },
} as const;

export type EngineGeneration = keyof typeof engines;

export type Suite = (typeof engines)[EngineGeneration]["suite"];

export const suites: readonly Suite[] = [...new Set(Object.values(engines).map(({ suite }) => suite))];

/** The Debian of what is no engine: the registry, the cache, and what is pushed and pulled. */
export const contentSuite: Suite = "forky";

/** @throws when there is no such generation */
export function engineNamed(name: string): EngineGeneration {
    if (name in engines) return name as EngineGeneration;
    throw new Error(`no engine '${name}': choose one of ${Object.keys(engines).join(", ")}`);
}
