import { expect, test } from "vitest";

import type { PlainArgs } from "../../components/registry/sections";
import { certificatePem, privateKeyPem } from "../unit/arguments";
import { argsOf, groupsOf } from "../unit/combinations";
import { serve } from "./rendered";

// The largest groups of settings that go together, where nothing outside of this machine must answer at the start.
const groups = groupsOf("NasRegistry")
    .filter((group) => !group.some((label) => /^storage|^redirect/.test(label)))
    .sort((a, b) => b.length - a.length)
    .slice(0, 10);

test.each(groups.map((group) => [group.join(", "), group] as const))("starts with %s", async (_, group) => {
    const { token, notifications, extraConfig, externalRedis, ...args } = argsOf("NasRegistry", ...group) as PlainArgs;
    const registry = await serve({
        args: { tier: "production", tls: "own-authority", auth: "htpasswd", deletes: true, ...args },
        ...{ token, notifications, extraConfig },
        ...(externalRedis && { cache: { kind: "external", redis: externalRedis } }),
        users: [{ name: "anna", password: "a chosen one" }],
        certificate: { certificate: certificatePem, privateKey: privateKeyPem },
    });
    expect(registry.log).not.toMatch(/panic|fatal/i);
});
