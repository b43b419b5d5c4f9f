import type { ResourceValidationPolicy } from "@pulumi/policy";

import { configurationHolds, usersOn } from "./configuration";
import { hostKeyPinned } from "./connection";
import {
    configurationKept,
    dataOnDataVolume,
    fileSystemKept,
    leastPrivilege,
    memoryLimited,
    ownUser,
    privilegesKept,
    redisPrivate,
    socketKept,
} from "./containers";
import { imagePinned, versionFloor } from "./images";
import { debugKept, tlsOn } from "./reach";

/** Every rule of the pack; docs/reference/policy.md says what each one sees. */
export const rules: ResourceValidationPolicy[] = [
    tlsOn,
    usersOn,
    debugKept,
    configurationHolds,
    configurationKept,
    hostKeyPinned,
    imagePinned,
    versionFloor,
    memoryLimited,
    dataOnDataVolume,
    redisPrivate,
    leastPrivilege,
    ownUser,
    fileSystemKept,
    privilegesKept,
    socketKept,
];
