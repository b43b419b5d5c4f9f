import { removeWorkspace, demoNamespace } from "./demo";
import { downLab } from ".";

/** Removes all that the demo made: NASes, machines, networks, state and keys, and the engine if the lab started it for the demo. */
async function demoDown(): Promise<void> {
    // Of another name it is a test's, whose engine other tests are about to use.
    await downLab(demoNamespace, { engine: process.env.DEMO_NAMESPACE === undefined });
    removeWorkspace();
    console.log("The demo is gone.");
}

demoDown().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
});
