import { readFileSync } from "node:fs";
import * as path from "node:path";

import type { ScriptValues } from "../../nas/script";

/** What status.sh needs: operations with their cron expressions, which a desk is told of. */
export function statusValues(schedules: Record<string, string>): ScriptValues {
    const lines = Object.entries(schedules).map(([operation, expression]) => `${operation}.schedule=${expression}`);
    return { expressions: lines.join("\n"), usage_program: readFileSync(path.join(__dirname, "usage.awk"), "utf8") };
}
