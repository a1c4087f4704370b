import {
  consume,
  jobModule,
  LoopPool,
  WorkerLoop,
  type ConsumeErrorContext,
  type Consumer,
  type DeadLetter,
} from 'offloop';

import { openEngine, type Engine } from './engines.ts';
import type { ServeOptions } from './options.ts';
import type { Screen } from './screen.ts';
import {
  givenUpText,
  servedText,
  servingText,
  stoppingText,
  troubleText,
  upText,
  workText,
  type Work,
} from './serve-text.ts';

const sender = jobModule<typeof import('./sender.ts')>(new URL('./sender.js', import.meta.url));
const serviceJobs = jobModule<typeof import('./service.ts')>(new URL('./service.js', import.meta.url));

const healthEveryMs = 100;
/** Not on a terminal, where there is no live line. */
const lineEveryMs = 1000;

/** Serve a queue until `signal` aborts; then end what is in flight, and tell what was done. */
export async function serveQueue(options: ServeOptions, screen: Screen, signal: AbortSignal): Promise<void> {
  const service = options.service ?? (await ownService(options.seconds));
  // A pool: a message that ends its thread costs an attempt, and not the gateway.
  await using pool = new LoopPool({ name: 'gateway', size: 1, daemon: true, onUnhandled: 'ignore' });
  await new Serving(options, service, pool, screen).run(signal);
}

/** The service that is there for who has none. */
async function ownService(seconds: number): Promise<string> {
  const loop = new WorkerLoop({ name: 'service', daemon: true });
  return loop.run(serviceJobs.serve(seconds));
}

class Serving {
  readonly #options: ServeOptions;
  readonly #service: string;
  readonly #pool: LoopPool;
  readonly #screen: Screen;
  readonly #counts = { begun: 0, alerts: 0, givenUp: 0 };
  #lastFailure: unknown;
  #wasUp = false;

  constructor(options: ServeOptions, service: string, pool: LoopPool, screen: Screen) {
    this.#options = options;
    this.#service = service;
    this.#pool = pool;
    this.#screen = screen;
  }

  async run(signal: AbortSignal): Promise<void> {
    const engine = await openEngine(this.#options.queue, {
      signal,
      leaseMs: this.#options.lease * 1000,
      onTrouble: (error) => this.#screen.print(troubleText(error)),
      onGiveUp: (letter) => this.#giveUp(letter),
    });
    this.#screen.print(servingText(engine.name, this.#options));
    const consumer = this.#consume(engine, signal);
    signal.addEventListener('abort', () => this.#screen.print(stoppingText(consumer.stats().active)));
    const watch = setInterval(() => this.#look(consumer, engine), healthEveryMs);
    try {
      await this.#screen.follow(
        () => workText(this.#work(consumer), this.#lastFailure),
        () => consumer.closed,
        lineEveryMs,
      );
    } finally {
      clearInterval(watch);
      const waiting = await engine.waiting().catch(() => undefined);
      await engine.close();
      this.#screen.print(...servedText(signal.reason as Error | undefined, engine.name, this.#work(consumer), waiting));
    }
  }

  #consume(engine: Engine, signal: AbortSignal): Consumer<unknown> {
    const { concurrency, attempts, backoff, timeout, grace } = this.#options;
    const consumer = consume(engine.source, (payload, { id }) => this.#deliver(payload, id), {
      on: this.#pool,
      concurrency,
      attempts,
      backoff: { delayMs: backoff * 1000 },
      timeout: timeout * 1000,
      graceMs: grace * 1000,
      signal,
      onError: (error, context) => this.#hear(error, context, signal),
      onGiveUp: (letter) => this.#giveUp(letter),
    });
    // run() ends the loops with the second signal: what they had goes back to the queue.
    const hurry = (): void => void consumer.close({ mode: 'terminate' }).catch(() => {});
    signal.addEventListener('abort', () => {
      for (const name of ['SIGINT', 'SIGTERM']) process.once(name, hurry);
    });
    return consumer;
  }

  #deliver(payload: unknown, id: string): ReturnType<typeof sender.deliver> {
    this.#counts.begun++;
    return sender.deliver(this.#service, payload, id);
  }

  async #giveUp(letter: DeadLetter<unknown>): Promise<void> {
    this.#counts.givenUp++;
    this.#screen.print(givenUpText(letter));
    await this.#pool.run(sender.raiseAlarm(this.#service, letter.id), { timeout: this.#options.timeout * 1000 });
    this.#counts.alerts++;
  }

  #hear(error: unknown, { origin, id }: ConsumeErrorContext<unknown>, signal: AbortSignal): void {
    // What fails at the last attempt is told when it is given up; the others would be too many lines.
    if (origin === 'job') this.#lastFailure = error;
    else if (origin !== 'consumer' || !signal.aborted) this.#screen.print(troubleText(error, origin, id));
    if (origin === 'source') this.#wasUp = false;
  }

  #look(consumer: Consumer<unknown>, { name }: Engine): void {
    const isUp = consumer.health().source.state === 'up';
    if (isUp && !this.#wasUp && consumer.state === 'running') this.#screen.print(upText(name));
    this.#wasUp = isUp;
  }

  #work(consumer: Consumer<unknown>): Work {
    const { done, failed, lost, active } = consumer.stats();
    const { begun, givenUp, alerts } = this.#counts;
    return { sent: done, failed, lost, givenUp, alerts, active, open: begun - done - failed - lost };
  }
}
