export type { NasMirrorArgs, NasRegistryArgs } from "./args";
export type { SshConnectionArgs } from "./nas/connection";
export type { DaemonConfigArgs } from "./nas/daemonSettings";
export { DataDirectoryChange, RestartPolicy } from "./nas/policies";
export { NasVendor } from "./nas/vendors";
export type { NasDaemonConfigArgs } from "./nasDaemonConfig";
export { NasDaemonConfig } from "./nasDaemonConfig";
export { NasMirror } from "./nasMirror";
export type { NasProbeArgs } from "./nasProbe";
export { NasProbe } from "./nasProbe";
export { NasRegistry } from "./nasRegistry";
export type { TokenAuthArgs, UserArgs } from "./registry/auth";
export { AuthMode } from "./registry/auth";
export type { ExternalRedisArgs, RedisSentinelArgs, RedisTlsArgs } from "./registry/cache";
export { CacheKind } from "./registry/cache";
export type { UploadPurgingArgs } from "./registry/config";
export type { ContainerLogsArgs } from "./registry/containerLogs";
export type { CertificateArgs, MetricsArgs } from "./registry/http";
export { NetworkMode, TlsMode, TlsVersion } from "./registry/http";
export type { TracingArgs } from "./registry/logging";
export { LogFormat, LogLevel, TracingProtocol } from "./registry/logging";
export type { ManifestValidationArgs, PlatformArgs } from "./registry/manifests";
export { IndexPlatforms } from "./registry/manifests";
export type { NotificationEndpointArgs, NotificationsArgs } from "./registry/notifications";
export type {
    AzureCredentialsArgs,
    AzureStorageArgs,
    GcsStorageArgs,
    S3StorageArgs,
    StorageArgs,
} from "./registry/storage";
export { RegistryTier } from "./registry/tier";
export type { UpstreamArgs } from "./registry/upstream";
export { RegistryClient } from "./registryClient";
export type { RegistryClientArgs } from "./trust/registryClientArgs";
export type { ServerCertificateArgs } from "./trust/serverCertificate";
export { ServerCertificate } from "./trust/serverCertificate";
