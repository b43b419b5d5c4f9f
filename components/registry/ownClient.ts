import { isIP } from "node:net";

import { authority } from "../nas/connection";
import type { ScriptValues } from "../nas/script";
import type { RegistryHost } from "../operations/regclient";
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

/** The same for their files, with the registry's first user. */
export function ownHost(
    open: Settings,
    { name, password, caCertificate }: { name: string; password: string; caCertificate: string },
): RegistryHost {
    return {
        registry: ownAuthority(open, nameOf(open)),
        tls: speaksTls(open.tls),
        user: name,
        pass: password,
        authority: caCertificate,
    };
}
