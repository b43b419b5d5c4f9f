import { isIP } from "node:net";

import { authority } from "../nas/connection";
import type { ScriptValues } from "../nas/script";
import { INSIDE_PORT, isAnyAddress, LOOPBACK } from "./sections/address";
import { speaksTls } from "./sections/tls";
import type { Settings } from "./settings";

/** What regclient.sh reads: how a container on the NAS reaches the registry, by a name that its certificate has. */
export function ownClient(open: Settings): ScriptValues {
    const { networkMode, containerName, bindAddress } = open;
    const isBridged = networkMode === "bridge";
    const name = nameOf(open);
    return {
        regclient_network: isBridged ? containerName : "host",
        regclient_name: name ?? "",
        regclient_address: isBridged ? "" : isAnyAddress(bindAddress) ? LOOPBACK : bindAddress,
        regclient_authority: ownAuthority(open, name),
    };
}

/** Without a name the registry is reached like by any client, at the NAS's address. */
function ownAuthority({ networkMode, hostName, port }: Settings, name: string | undefined): string {
    return authority(name ?? hostName, name && networkMode === "bridge" ? INSIDE_PORT : port);
}

function nameOf({ tls, certificateNames }: Settings): string | undefined {
    return speaksTls(tls) ? certificateNames.find((each) => isIP(each) === 0) : "registry";
}

/** The file of regctl with the registry's user and authority. */
export function regctlConfig(
    open: Settings,
    { name, password, caCertificate }: { name: string; password: string; caCertificate: string },
): string {
    return JSON.stringify({
        hosts: {
            [ownAuthority(open, nameOf(open))]: {
                tls: speaksTls(open.tls) ? "enabled" : "disabled",
                ...(speaksTls(open.tls) && caCertificate && { regcert: caCertificate }),
                ...(name && { user: name, pass: password }),
            },
        },
    });
}
