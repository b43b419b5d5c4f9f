export type { NasMirrorArgs, NasRegistryArgs } from "./registry/args";
export type { SshConnectionArgs } from "./nas/connection";
export type { DaemonConfigArgs } from "./nas/daemon/daemonSettings";
export { DataDirectoryChange, RestartPolicy } from "./nas/policies";
export { NasVendor } from "./nas/vendors";
export type { NasDaemonConfigArgs } from "./nasDaemonConfig";
export { NasDaemonConfig } from "./nasDaemonConfig";
export { NasMirror } from "./nasMirror";
export type { NasProbeArgs } from "./nasProbe";
export { NasProbe } from "./nasProbe";
export { NasRegistry } from "./nasRegistry";
export type { TokenAuthArgs, UserArgs } from "./registry/sections/auth";
export { AuthMode } from "./registry/sections/auth";
export type { ExternalRedisArgs, RedisSentinelArgs, RedisTlsArgs } from "./registry/sections/cache";
export { CacheKind } from "./registry/sections/cache";
export type { UploadPurgingArgs } from "./registry/sections/config";
export type { ContainerLogsArgs } from "./registry/sections/containerLogs";
export type { CertificateArgs, MetricsArgs } from "./registry/sections/http";
export { NetworkMode, TlsMode, TlsVersion } from "./registry/sections/http";
export type { TracingArgs } from "./registry/sections/logging";
export { LogFormat, LogLevel, TracingProtocol } from "./registry/sections/logging";
export type { ManifestValidationArgs, PlatformArgs } from "./registry/sections/manifests";
export { IndexPlatforms } from "./registry/sections/manifests";
export type { NotificationEndpointArgs, NotificationsArgs } from "./registry/sections/notifications";
export type {
    AzureCredentialsArgs,
    AzureStorageArgs,
    GcsStorageArgs,
    S3StorageArgs,
    StorageArgs,
} from "./registry/sections/storage";
export { RegistryTier } from "./registry/sections/tier";
export type { UpstreamArgs } from "./registry/sections/upstream";
export { RegistryClient } from "./registryClient";
export type { RegistryClientArgs } from "./clients/registryClientArgs";
export type { ServerCertificateArgs } from "./certificates/serverCertificate";
export { ServerCertificate } from "./certificates/serverCertificate";
