import { CONTAINER } from "./container";
import { type Check, type Inputs, listOf } from "./rule";

/**
 * What the container of a registry says of the registry's configuration: the component writes it into labels, since the file
 * itself holds secrets that a first preview cannot know.
 */
export interface Exposure {
    /** How users are known, as config.yml names it: `htpasswd`, `token`; `none`. */
    auth: string;
    /** Lowest version of TLS; `none`. */
    tls: string;
    /** `host:port` in the container, the host often left out. */
    listens: string;
    /** The same for the debug port, if there is one. */
    debug?: string;
    /** `true` when the debug port is there for metrics. */
    metrics?: string;
}

interface Label {
    label: string;
    value: string;
}

const PREFIX = "nas-registry.";

/** A check of each container that says how it is reached; others are not this package's. */
export function ofExposures(check: (exposure: Exposure, container: Inputs) => string[]): Check {
    return (type, inputs) => {
        if (type !== CONTAINER) {
            return [];
        }
        const ofName = (name: string) =>
            listOf<Label>(inputs.labels).find(({ label }) => label === PREFIX + name)?.value;
        const [auth, tls, listens] = [ofName("auth"), ofName("tls"), ofName("listens")];
        return auth === undefined || tls === undefined || listens === undefined
            ? []
            : check({ auth, tls, listens, debug: ofName("debug"), metrics: ofName("metrics") }, inputs);
    };
}
