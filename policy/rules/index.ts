import type { ResourceValidationPolicy } from "@pulumi/policy";

import { configurationHolds, tlsOn, usersOn } from "./configuration";
import { hostKeyPinned } from "./connection";
import { dataOnDataVolume, leastPrivilege, memoryLimited, redisPrivate, socketKept } from "./containers";
import { imagePinned, versionFloor } from "./images";

/** Every rule of the pack; docs/pull-requests.md says what each one sees. */
export const rules: ResourceValidationPolicy[] = [
    tlsOn,
    usersOn,
    configurationHolds,
    hostKeyPinned,
    imagePinned,
    versionFloor,
    memoryLimited,
    dataOnDataVolume,
    redisPrivate,
    leastPrivilege,
    socketKept,
];
