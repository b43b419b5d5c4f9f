import { expect, test } from "vitest";

import { problemsOf } from "../arguments";

const digest = `sha256:${"0".repeat(64)}`;
const tooOld = (image: string) =>
    `image: "${image}" is older than 3.1.2 and open to CVE-2026-35172 and CVE-2026-33540 (before 3.1.0), CVE-2026-41888 (before 3.1.1) and CVE-2026-85747 (before 3.1.2); use registry:3.1.2, also with a digest.`;

test.each([
    "registry:3.1.2",
    "registry:3",
    "registry:3.1",
    "registry",
    "registry:latest",
    "registry:v3.2.0-rc.1",
    `registry@${digest}`,
    `registry:3.1.2@${digest}`,
    "mirror.lan:5000/registry:3.1.2",
])("%s is let through", (image) => expect(problemsOf({ image })).toBe(""));

test.each([
    "registry:2",
    "registry:2.8.3",
    "registry:3.0",
    "registry:3.1.1",
    "registry:v3.0.0-rc.1",
    `registry:2.8@${digest}`,
    "mirror.lan:5000/registry:2",
])("%s has known holes", (image) => expect(problemsOf({ image })).toBe(tooOld(image)));

test.each([
    ["image", "docker://registry:3.1.2", "registry:3.1.2"],
    ["redisImage", "Redis:7", "valkey/valkey:9.1.2-alpine"],
])("%s %j is no reference", (property, image, example) =>
    expect(problemsOf({ [property]: image })).toBe(
        `${property}: ${JSON.stringify(image)} is not allowed; it must be an image reference such as ${example}.`,
    ),
);
