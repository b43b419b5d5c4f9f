/** Simulated Synology and QNAP NASes, and Docker hosts that use them. */
export { buildImages, ensureLab, downLab, stopIdleEngine, Lab, type LabOptions, type DownOptions } from "./lab";
export { Nas, sshPort, publishedPorts, type ScheduledResult } from "./nas";
export type { ExecOptions } from "./nested";
export { Client } from "./client";
export type { RestServer, RestServerOptions } from "./restServer";
export type { ObjectStore, ObjectStoreOptions } from "./objectStore";
export type { Redis, RedisOptions } from "./redis";
export type { RedisWithSentinel } from "./redisTopologies";
export type { Certify, ServerCertificate } from "./service";
export type { NasOptions, Administrator } from "./nasOptions";
export type { Vendor } from "./vendors";
export { ensureEngine, findEngine, stopEngine, type Engine } from "./engine";
