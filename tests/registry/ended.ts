/**
 * Before each file. Files share their modules here, so what a module registers by itself is done after the first file alone.
 */
import { afterAll } from "vitest";

import { removePrograms } from "./program";
import { stopRegistries } from "./server";

afterAll(async () => {
    removePrograms();
    await stopRegistries();
});
