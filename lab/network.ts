import { BlockList } from "node:net";
import type { Docker } from "./docker";
import { label } from "./names";

/** QTS's engine takes the addresses of all its networks from here, and does not start where its host is in all of them. */
export const qnapAddressPool = "172.29.0.0/16";

/** Makes a network where the engine likes, but not in `avoid`. The engine knows which addresses its host uses. */
export async function createNetwork(docker: Docker, namespace: string, name: string, avoid: string): Promise<void> {
    const create = (called: string, ...options: string[]): Promise<string> =>
        docker.run(["network", "create", "--label", `${label}=${namespace}`, ...options, called]);
    const held: string[] = [];
    try {
        for (;;) {
            await create(name);
            const subnet = await docker.run([
                "network",
                "inspect",
                "--format",
                "{{(index .IPAM.Config 0).Subnet}}",
                name,
            ]);
            if (!overlap(subnet, avoid)) return;
            // Held until there is another one, for an engine that would choose the same again.
            await docker.run(["network", "rm", name]);
            held.push(await create(`${name}-${held.length}`, "--subnet", subnet));
        }
    } finally {
        if (held.length > 0) await docker.run(["network", "rm", ...held]);
    }
}

/**
 * Removes a network, with what is in it: at times the engine forgets that it has taken out a container which it removed, and then has the
 * network in use for ever.
 */
export async function removeNetwork(docker: Docker, network: string): Promise<void> {
    if ((await docker.try(["network", "rm", network])).code === 0) return;
    const format = "{{range .Containers}}{{println .Name}}{{end}}";
    for (const name of await docker.lines(["network", "inspect", "--format", format, network])) {
        await docker.try(["network", "disconnect", "--force", network, name]);
    }
    await docker.run(["network", "rm", network]);
}

/** Whether two blocks of IPv4 addresses, written as 10.0.0.0/8, have one in common. */
function overlap(one: string, other: string): boolean {
    return contains(one, other) || contains(other, one);
}

function contains(block: string, other: string): boolean {
    const list = new BlockList();
    const [address = "", length] = block.split("/");
    list.addSubnet(address, Number(length));
    return list.check(other.split("/")[0] ?? "");
}
