import { buildImages, stopIdleEngine } from "../../lab";
import { ensureTestToolchain } from "../../toolchain";

/**
 * Once, before the files of this project run side by side: builds what is missing, for which their hooks have no time.
 *
 * @returns Ends the lab's engine, after the last file.
 */
export default async function prepared(): Promise<() => Promise<void>> {
    const { registry, programs } = await ensureTestToolchain();
    await buildImages(registry, programs, (line) => console.log(line));
    return stopIdleEngine;
}
