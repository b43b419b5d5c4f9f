import * as pulumi from "@pulumi/pulumi";

/** Whether hooks can be registered: under unit-test mocks, the users' own included, there is no engine that takes them. */
export function engineTakes(request: "registerErrorHook" | "registerResourceHook"): boolean {
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    return monitor !== undefined && request in monitor;
}
