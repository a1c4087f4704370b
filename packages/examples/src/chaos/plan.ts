/** What a consumer, which is a process of its own, is told. */
export interface Plan {
  readonly source: SourceName;
  /** The URL of its Redis, or the path of its file. */
  readonly at: string;
  readonly ledger: string;
  readonly on: 'loop' | 'pool';
  readonly concurrency: number;
  /** About so many milliseconds of work a message. */
  readonly workMs: number;
  readonly attempts: number;
  /** How long a consumer that has died keeps its messages, in milliseconds. */
  readonly leaseMs: number;
}

/** `naive` is the tutorial's consumer, which pops and has: it is there to be seen losing. */
export const sourceNames = ['list', 'bullmq', 'sqlite', 'naive'] as const;
export type SourceName = (typeof sourceNames)[number];

/** The name of the queue, whatever it is. */
export const queueName = 'chaos';

/** Of the keys that a Redis list has beside its own. */
export const listPrefix = 'chaos-of-list:';

/** The program of a consumer. */
export function programOf(source: SourceName): URL {
  return new URL(source === 'naive' ? './naive-consumer.js' : './consumer.js', import.meta.url);
}
