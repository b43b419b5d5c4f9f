import { deploying } from "./deploying";
import { growth } from "./growth";
import { operating } from "./operating";
import type { Part } from "./part";
import { registry } from "./registry";

/** In the order of the page. */
export const parts: readonly Part[] = [deploying, registry, operating, growth];
