import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";

import { errorHook } from "../../components/nas/errorHook";

vi.mock("../../components/nas/engine", () => ({ engineTakes: () => true }));
vi.mock("@pulumi/pulumi", async (original) => ({
    ...(await original<typeof pulumi>()),
    ErrorHook: class {
        constructor(
            readonly name: string,
            readonly callback: pulumi.ErrorHookFunction,
        ) {}
    },
    log: { error: vi.fn() },
}));

const failure = { errors: ["dial tcp: refused"] } as pulumi.ErrorHookArgs;

/** Lets everything run that waits for nothing from outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the answer, after which the engine may end the program, waits until the sentence has been delivered", async () => {
    let deliver = (): void => undefined;
    vi.mocked(pulumi.log.error).mockReturnValue(new Promise((resolve) => (deliver = resolve)));
    const binding = errorHook("hook", pulumi.output("nas"), (error, nas) => `${nas}: ${error}`);
    await settled();
    const hook = binding?.onError?.[0] as unknown as { callback: pulumi.ErrorHookFunction };
    let answer: boolean | undefined;
    void Promise.resolve(hook.callback(failure)).then((given) => (answer = given));
    await settled();
    expect(pulumi.log.error).toHaveBeenCalledWith("nas: dial tcp: refused");
    expect(answer).toBeUndefined();
    deliver();
    await settled();
    expect(answer).toBe(false);
});
