export type { NasRegistryArgs } from "./args";
export type { SshConnectionArgs } from "./nas/connection";
export { NasVendor } from "./nas/vendors";
export { NasRegistry } from "./nasRegistry";
