export { KeyAlgorithm, ServerCertificate, type ServerCertificateArgs } from "./certificates/serverCertificate";
export type { SshConnectionArgs } from "./nas/connection";
export type { DaemonConfigArgs } from "./nas/daemon/daemonConfig";
export type { NasProbeArgs } from "./nas/nas";
export { NasVendor } from "./nas/vendors";
export { NasDaemonConfig, type NasDaemonConfigArgs } from "./nasDaemonConfig";
export { NasMirror } from "./nasMirror";
export { NasProbe } from "./nasProbe";
export { NasRegistry } from "./nasRegistry";
export type { NasMirrorArgs, NasRegistryArgs } from "./registry/sections";
export { NetworkMode, type MetricsArgs } from "./registry/sections/address";
export { AuthMode, type TokenAuthArgs, type UserArgs } from "./registry/sections/auth";
export {
    CacheKind,
    type ExternalRedisArgs,
    type RedisSentinelArgs,
    type RedisTlsArgs,
} from "./registry/sections/cache";
export { RestartPolicy, type ContainerLogsArgs } from "./registry/sections/container";
export { DataDirectoryChange } from "./registry/sections/data";
export { LogFormat, LogLevel, TracingProtocol, type TracingArgs } from "./registry/sections/logging";
export type { UploadPurgingArgs } from "./registry/sections/maintenance";
export type { NotificationEndpointArgs, NotificationsArgs } from "./registry/sections/notifications";
export type {
    AzureCredentialsArgs,
    AzureStorageArgs,
    GcsStorageArgs,
    S3StorageArgs,
    StorageArgs,
} from "./registry/sections/storage";
export { RegistryTier } from "./registry/sections/tier";
export { TlsMode, TlsVersion, type CertificateArgs } from "./registry/sections/tls";
export type { UpstreamArgs } from "./registry/sections/upstream";
export { IndexPlatforms, type ManifestValidationArgs, type PlatformArgs } from "./registry/sections/validation";
export type { OperationsSettings } from "./operations/operations";
export type { BackupArgs, RestBackupArgs, S3BackupArgs, SftpBackupArgs } from "./operations/backup/backup";
export type { GarbageCollectionArgs } from "./operations/collection/collection";
export type { ReplicationArgs, ReplicationTargetArgs } from "./operations/replication/replication";
export type { RetentionArgs, RetentionRuleArgs } from "./operations/retention/retention";
export {
    WebhookEvents,
    WebhookKind,
    type OperationAlertsArgs,
    type OperationWebhookArgs,
} from "./operations/notifications/notifications";
export type { SnapshotsArgs } from "./operations/snapshots/snapshots";
export type { VerificationArgs } from "./operations/verification/verification";
export { RegistryClient, type RegistryClientArgs } from "./registryClient";
