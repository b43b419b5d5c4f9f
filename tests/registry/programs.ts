import { ensureRegistry, ensureRegistrySchema } from "../../toolchain/goPrograms";

/** Once, before the files of this project run side by side. */
export default async function buildPrograms(): Promise<void> {
    await Promise.all([ensureRegistry(), ensureRegistrySchema()]);
}
