// offloop/tinypool: a Tinypool as an executor.
export { tinypoolExecutor } from './adapters/tinypool-executor.ts';
export type { PeerExecutor } from './adapters/peer-executor.ts';
export type { PeerExecutorOptions, PeerRunOptions } from './adapters/peer-pool.ts';
