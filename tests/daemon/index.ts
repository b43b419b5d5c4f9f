import * as pulumi from "@pulumi/pulumi";
import { NasDaemonConfig, type NasVendor, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
export const { daemonConfig, dataRoot, restartedAt } = new NasDaemonConfig("daemon", {
    vendor: config.require<NasVendor>("vendor"),
    connection: config.requireObject<SshConnectionArgs>("connection"),
    reapply: config.get("reapply"),
    // A text, so that one command changes it.
    ...(JSON.parse(config.require("settings")) as object),
});
