/**
 * @peculiar/x509 needs `Reflect.getMetadata` and its like to exist before it is loaded, for classes whose
 * constructors take nothing. These few lines are all it uses of the reflect-metadata package.
 */
type Target = object;
const known = new WeakMap<Target, Map<unknown, unknown>>();

function own(target: Target): Map<unknown, unknown> {
    const found = known.get(target) ?? new Map<unknown, unknown>();
    known.set(target, found);
    return found;
}

const polyfill = {
    defineMetadata: (key: unknown, value: unknown, target: Target) => void own(target).set(key, value),
    getOwnMetadata: (key: unknown, target: Target) => own(target).get(key),
    getMetadata: (key: unknown, target: Target) => own(target).get(key),
};

if (!("getMetadata" in Reflect)) {
    Object.assign(Reflect, polyfill);
}
