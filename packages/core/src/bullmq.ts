// offloop/bullmq: BullMQ as the engine for many machines.
export { bullmqBridge, type BullmqBridgeOptions } from './adapters/bullmq-bridge.ts';
export type { BullmqDelivery } from './adapters/bullmq-delivery.ts';
export { bullmqProcessor, type BullmqProcessor, type BullmqProcessorOptions } from './adapters/bullmq-processor.ts';
export { bullmqSource, type BullmqSourceOptions, type BullmqWorkerOptions } from './adapters/bullmq-source.ts';
