import { removeWorkspace, demoNamespace } from "./demo";
import { downLab } from ".";

/** Removes all that the demo made: NASes, machines, networks, state and keys, and the engine if the lab started it. */
async function demoDown(): Promise<void> {
    await downLab(demoNamespace, { engine: true });
    removeWorkspace();
    console.log("The demo is gone.");
}

demoDown().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
});
