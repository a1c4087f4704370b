// What the adapters let a Piscina or a Tinypool run in its threads.
export { runJob } from './guest/peer-job.ts';
