// The queues that the gateway serves. What an engine needs is loaded with it, so that `npm start` alone needs neither Redis nor its client.
import type { DeadLetter, Source } from 'offloop';

import type { QueueOptions } from './options.ts';

export interface Engine {
  /** What it is and where, for people. */
  readonly name: string;
  readonly source: Source<unknown>;
  /** Messages that nobody has taken. Rejects when the queue cannot be reached. */
  waiting(): Promise<number>;
  /** Resolves when it is closed; its consumers are to be closed before. */
  close(): Promise<void>;
}

/** Who hears of an engine that takes messages by itself. */
export interface EngineHost {
  /** Milliseconds for which a consumer that is silent keeps its messages. */
  readonly leaseMs: number;
  /** Aborts when no more messages are wanted. */
  readonly signal: AbortSignal;
  readonly onTrouble: (error: unknown) => void;
  readonly onGiveUp: (letter: DeadLetter<unknown>) => unknown;
}

export function openEngine(options: QueueOptions, host: EngineHost): Promise<Engine> {
  if (options.engine === 'sqlite') return openSqlite(options.file, host);
  return options.engine === 'list' ? openList(options, host) : openBullmq(options, host);
}

interface RedisPlace {
  readonly url: string;
  readonly key: string;
}

async function openList({ url, key }: RedisPlace, { leaseMs }: EngineHost): Promise<Engine> {
  const { redisList } = await import('offloop/redis');
  const list = redisList<unknown>({ url, key, leaseMs });
  return {
    name: `list '${key}' at ${hostOf(url)}`,
    source: list,
    waiting: async () => (await list.stats()).waiting,
    close: () => list.close(),
  };
}

/** BullMQ, and what still arrives in the list of the same name moves into it. */
async function openBullmq({ url, key }: RedisPlace, host: EngineHost): Promise<Engine> {
  const [{ Queue }, { bullmqBridge, bullmqSource }, { redisList }] = await Promise.all([
    import('bullmq'),
    import('offloop/bullmq'),
    import('offloop/redis'),
  ]);
  const { leaseMs } = host;
  const connection = { url };
  const queue = new Queue(key, { connection });
  // What goes wrong here fails an attempt of the bridge, which tells of it.
  queue.on('error', () => {});
  const list = redisList<unknown>({ url, key, leaseMs });
  const bridge = bullmqBridge(list, queue, {
    consumers: 8,
    backoff: 1000,
    signal: host.signal,
    onError: (error, { origin }) => {
      if (origin !== 'source') host.onTrouble(error);
    },
    onGiveUp: host.onGiveUp,
  });
  return {
    name: `BullMQ queue '${key}' at ${hostOf(url)}, fed by the list '${key}'`,
    source: bullmqSource<unknown>(key, { connection, worker: { lockDuration: leaseMs, stalledInterval: leaseMs } }),
    // In this order: the list's answer, or its error, comes also when Redis is away; BullMQ's waits for it.
    waiting: async () => (await list.stats()).waiting + (await queue.getWaitingCount()),
    async close() {
      await bridge.close().catch(host.onTrouble);
      await Promise.all([queue.close(), list.close()]);
    },
  };
}

async function openSqlite(file: string, { leaseMs }: EngineHost): Promise<Engine> {
  const { sqliteQueue } = await import('offloop/sqlite');
  const queue = sqliteQueue<unknown>(file, { leaseMs });
  return {
    name: `queue in ${queue.path}`,
    source: queue,
    waiting: async () => (await queue.stats()).waiting,
    close: () => queue.close(),
  };
}

/** Without the password. */
function hostOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + (pathname === '/' ? '' : pathname);
}
