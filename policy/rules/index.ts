import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

import { configurationHolds, tlsOn, usersOn } from "./configuration";
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
import { notReached } from "./reach";

/** Every rule of the pack; docs/how-to/pull-requests.md says what each one sees. */
export const rules: (ResourceValidationPolicy | StackValidationPolicy)[] = [
    tlsOn,
    usersOn,
    notReached,
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
