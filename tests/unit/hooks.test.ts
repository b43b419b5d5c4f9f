import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

vi.mock("@pulumi/pulumi", async (original) => ({
    ...(await original<typeof pulumi>()),
    runtime: { getMonitor: () => ({ registerErrorHook: () => undefined }) },
    ErrorHook: class {
        constructor(
            readonly name: string,
            readonly callback: pulumi.ErrorHookFunction,
        ) {}
    },
    log: { error: vi.fn() },
}));

const failure = { errors: ["dial tcp: refused"] } as pulumi.ErrorHookArgs;

// Files share their modules: this one needs the component with the mock, and the next one without.
beforeAll(() => vi.resetModules());
afterAll(() => vi.resetModules());

/** Lets everything run that waits for nothing from outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the answer, after which the engine may end the program, waits until the sentence has been delivered", async () => {
    const { errorHooks } = await import("../../components/nas/hooks");
    let deliver = (): void => undefined;
    vi.mocked(pulumi.log.error).mockReturnValue(new Promise((resolve) => (deliver = resolve)));
    const [hook] = errorHooks("hook", pulumi.output("nas"), (error, nas) => `${nas}: ${error}`);
    await settled();
    let answer: boolean | undefined;
    void Promise.resolve(hook?.callback(failure)).then((given) => (answer = given));
    await settled();
    expect(pulumi.log.error).toHaveBeenCalledWith("nas: dial tcp: refused");
    expect(answer).toBeUndefined();
    deliver();
    await settled();
    expect(answer).toBe(false);
});
