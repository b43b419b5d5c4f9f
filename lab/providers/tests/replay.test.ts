import { afterAll, describe, expect, test } from "vitest";
import { commandProvider } from "../command/provider";
import type { Provider } from "../core/provider";
import { dockerProvider } from "../docker/provider";
import { randomProvider } from "../random/provider";
import { tlsProvider } from "../tls/provider";
import type { CallError } from "./support/plugin";
import { startPlugin } from "./support/plugin";
import type { Recorded } from "./support/recordings";
import { recorded, title } from "./support/recordings";

const providers: Provider[] = [commandProvider, dockerProvider, randomProvider, tlsProvider];

describe.each(providers.map((provider) => [provider.name, provider] as const))(
    "the real %s plugin's answers",
    (name, provider) => {
        const plugin = startPlugin(provider);
        afterAll(async () => (await plugin).stop());

        /** These say nothing about the world outside: the same question has the same answer. */
        const questions = recorded(name, "CheckConfig", "DiffConfig", "Configure", "Check", "Diff");
        test.each(questions.map((call) => [title(call), call] as const))("%s", async (_title, call) => {
            const answer = (await plugin).call(call.method, call.request);
            if (call.errors) {
                await expect(answer).rejects.toMatchObject({ code: 12 });
            } else {
                expect(await answer).toEqual(call.response);
            }
        });

        const previews = recorded(name, "Create", "Update").filter((call) => call.request.preview);
        test.each(previews.map((call) => [title(call), call] as const))("%s", async (_title, call) => {
            const answer = await (await plugin).call(call.method, call.request);
            expect(answer).toEqual(withId(call, answer.id));
        });

        // Docker's need a daemon: docker.test.ts.
        const reads = name === "docker" ? [] : recorded(name, "Read");
        test.runIf(reads.length > 0).each(reads.map((call) => [title(call), call] as const))(
            "%s",
            async (_title, call) => {
                expect(await (await plugin).call("Read", call.request)).toEqual(call.response);
            },
        );
    },
);

test("a type without a substitute is refused by name", async () => {
    const plugin = await startPlugin(randomProvider);
    const request = { urn: "urn:pulumi:dev::p::random:index/randomPet:RandomPet::pet", olds: {}, news: {} };
    const error = await plugin.call("Check", request).catch((failure: unknown) => failure);
    expect((error as CallError).details).toContain("random:index/randomPet:RandomPet is not one of the types");
    plugin.stop();
});

/** The command provider makes up an id even for a preview. */
function withId(call: Recorded, id: unknown): unknown {
    const recordedId = call.response?.id;
    if (typeof recordedId !== "string") {
        return call.response;
    }
    expect(id).toMatch(new RegExp(`^${recordedId.slice(0, -8)}[0-9a-f]{8}$`));
    return { ...call.response, id };
}
