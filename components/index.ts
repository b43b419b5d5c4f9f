export type { ServerCertificateArgs } from "./certificates/serverCertificate";
export { ServerCertificate } from "./certificates/serverCertificate";
export type { RegistryClientArgs } from "./clients/registryClientArgs";
export type { SshConnectionArgs } from "./nas/connection";
export type { DaemonConfigArgs } from "./nas/daemon/daemonSettings";
export { NasVendor } from "./nas/vendors";
export type { NasDaemonConfigArgs } from "./nasDaemonConfig";
export { NasDaemonConfig } from "./nasDaemonConfig";
export { NasMirror } from "./nasMirror";
export type { NasProbeArgs } from "./nasProbe";
export { NasProbe } from "./nasProbe";
export { NasRegistry } from "./nasRegistry";
export type { NasMirrorArgs, NasRegistryArgs } from "./registry/sections";
export { NetworkMode } from "./registry/sections/address";
export type { TokenAuthArgs, UserArgs } from "./registry/sections/auth";
export { AuthMode } from "./registry/sections/auth";
export type { ExternalRedisArgs, RedisSentinelArgs, RedisTlsArgs } from "./registry/sections/cache";
export { CacheKind } from "./registry/sections/cache";
export { RestartPolicy } from "./registry/sections/container";
export { DataDirectoryChange } from "./registry/sections/data";
export type { TracingArgs } from "./registry/sections/logging";
export { LogFormat, LogLevel, TracingProtocol } from "./registry/sections/logging";
export type { ContainerLogsArgs } from "./registry/sections/logs";
export type { UploadPurgingArgs } from "./registry/sections/maintenance";
export type { MetricsArgs } from "./registry/sections/metrics";
export type { NotificationEndpointArgs, NotificationsArgs } from "./registry/sections/notifications";
export type {
    AzureCredentialsArgs,
    AzureStorageArgs,
    GcsStorageArgs,
    S3StorageArgs,
    StorageArgs,
} from "./registry/sections/storage";
export { RegistryTier } from "./registry/sections/tier";
export type { CertificateArgs } from "./registry/sections/tls";
export { TlsMode, TlsVersion } from "./registry/sections/tls";
export type { UpstreamArgs } from "./registry/sections/upstream";
export type { ManifestValidationArgs, PlatformArgs } from "./registry/sections/validation";
export { IndexPlatforms } from "./registry/sections/validation";
export { RegistryClient } from "./registryClient";
