import type { Crew } from './crew.ts';
import type { Ledger } from './ledger.ts';
import { ReplyDropper } from './reply-dropper.ts';
import type { Stock } from './stock.ts';

export const faultNames = ['kill', 'drop', 'restart'] as const;
export type FaultName = (typeof faultNames)[number];

/** What can go wrong, while consumers are at work. */
export interface Fault extends AsyncDisposable {
  /** Where the consumers find their queue. */
  readonly at: string;
  /** How often it was made. */
  readonly made: number;
  /** Make it once more, or as soon as it can be. */
  make(crew: Crew, ledger: Ledger): Promise<void>;
  /** What else there is to tell of it. */
  readonly note?: string;
}

/** Make a Redis that was killed wait for so long until it is there again, in milliseconds. */
const downMs = 300;

export const openFault: Readonly<Record<FaultName, (stock: Stock) => Promise<Fault>>> = {
  /** A consumer is killed, with what it has. */
  kill: ({ at }) => {
    let made = 0;
    return Promise.resolve({
      at,
      get made() {
        return made;
      },
      make(crew, ledger) {
        if (crew.killOne((pid) => ledger.by(pid) > 0)) made++;
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },

  /** Redis has done what it was asked, and the reply is lost with its connection. */
  drop: async (stock) => {
    const proxy = await ReplyDropper.open(redisOf(stock).port);
    let wanted = 0;
    return {
      at: proxy.url,
      get made() {
        return proxy.count;
      },
      make() {
        if (wanted === proxy.count) {
          wanted++;
          proxy.drop();
        }
        return Promise.resolve();
      },
      get note() {
        return [...proxy.dropped].map(([command, times]) => `${times} × ${command}`).join(', ');
      },
      [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
    };
  },

  /** Redis is killed, and started again with what is on its disk. */
  restart: (stock) => {
    const redis = redisOf(stock);
    let made = 0;
    return Promise.resolve({
      at: stock.at,
      get made() {
        return made;
      },
      async make() {
        await redis.kill();
        await new Promise((resolve) => void setTimeout(resolve, downMs));
        await redis.start();
        made++;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};

function redisOf({ redis, at }: Stock): NonNullable<Stock['redis']> {
  if (redis === undefined) throw new Error(`there is no Redis at ${at}`);
  return redis;
}
