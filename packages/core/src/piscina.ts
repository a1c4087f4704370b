// offloop/piscina: a Piscina as an executor.
export { piscinaExecutor } from './adapters/piscina-executor.ts';
export type { PeerExecutor } from './adapters/peer-executor.ts';
export type { PeerExecutorOptions, PeerRunOptions } from './adapters/peer-pool.ts';
