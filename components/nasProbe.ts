import * as pulumi from "@pulumi/pulumi";

import { namedNas, type NasProbeArgs } from "./nas/nas";
import { pick, setOutputs } from "./settings/component";

/**
 * What a NAS is and can do; nothing on it is changed. The NAS is asked when the component is created, and again when an
 * argument changes.
 */
export class NasProbe extends pulumi.ComponentResource {
    /** Firmware, for instance `DSM 7.2.2-72806` or `QTS 5.2.1`. */
    public readonly firmware!: pulumi.Output<string>;
    /** Package that holds the Docker Engine: `ContainerManager`, `Docker` or `container-station`. */
    public readonly package!: pulumi.Output<string>;
    /** Absolute path of the docker command. */
    public readonly docker!: pulumi.Output<string>;
    /** Absolute path of the Docker daemon's configuration. */
    public readonly daemonConfig!: pulumi.Output<string>;
    /** Version of the Docker Engine, for instance `24.0.2`. */
    public readonly engineVersion!: pulumi.Output<string>;
    /** Version of the engine's API, for instance `1.43`. */
    public readonly apiVersion!: pulumi.Output<string>;
    /** Whether the kernel can limit the CPU time of a container; many Synology kernels cannot. */
    public readonly cpuQuota!: pulumi.Output<boolean>;
    /** Whether the kernel can limit the memory of a container. */
    public readonly memoryLimit!: pulumi.Output<boolean>;
    /** Whether the kernel can limit the swap of a container. */
    public readonly swapLimit!: pulumi.Output<boolean>;
    /** Size of a memory page in bytes: 4096, or 32768 on 32-bit ARM QNAPs, where Redis does not run. */
    public readonly pageSize!: pulumi.Output<number>;

    constructor(name: string, args: NasProbeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:NasProbe", name, {}, opts);
        const { facts } = namedNas(this, name, args, opts);
        const engine = pick(facts, "package", "docker", "daemonConfig", "engineVersion", "apiVersion");
        const kernel = pick(facts, "firmware", "cpuQuota", "memoryLimit", "swapLimit", "pageSize");
        this.registerOutputs(setOutputs<NasProbe>(this, { ...engine, ...kernel }));
    }
}
