import { deploying } from "./deploying";
import type { Part } from "./part";
import { registry } from "./registry";

/** In the order of the page. Each takes 20 minutes at most. */
export const parts: readonly Part[] = [deploying, registry];
