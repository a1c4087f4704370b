import {
  CancelledError,
  checkCancelled,
  consume,
  Future,
  jobModule,
  memoryQueue,
  runCoroutineThreadsafe,
  wait,
  type MemoryQueue,
  type WorkerLoop,
} from 'offloop';

import { LoopDelay, type DelaySummary } from './loop-delay.ts';
import type { Message, Receipt } from './message.ts';
import { makeReport, type Report } from './report.ts';
import { Tally } from './tally.ts';

/** What two phases differ in. */
export interface Plan {
  readonly mode: 'sequential' | 'concurrent';
  /** Messages in flight at a time, each with a consumer of its own in the main thread. */
  readonly consumers: number;
  readonly reportIn: 'main' | 'loop';
}

/** What all phases have in common. */
export interface Gateway {
  readonly loop: WorkerLoop;
  /** The address of the service. */
  readonly service: string;
  readonly messages: readonly Message[];
  readonly batch: number;
}

/** What was measured. */
export interface Measured {
  readonly wallMs: number;
  readonly delay: DelaySummary;
}

const sender = jobModule<typeof import('./sender.ts')>(new URL('./sender.js', import.meta.url));
const reporter = jobModule<typeof import('./report.ts')>(new URL('./report.js', import.meta.url));

/** Cancelled messages get this long to tell that they have ended. */
const settleMs = 400;

/** Open the connections of the loop and let both threads compile the report, so that the first phase does not pay for it. */
export async function warmUp({ loop, service }: Omit<Gateway, 'messages'>, connections: number): Promise<void> {
  const receipts = Array.from({ length: 50 }, (_, id) => ({ id, isSent: true, isAlerted: false, ms: id }));
  await runCoroutineThreadsafe(reporter.makeReport(receipts), loop);
  await runCoroutineThreadsafe(sender.connect(service, connections), loop);
  makeReport(receipts);
}

/** All messages once: taken from a queue in this thread, sent by jobs on the loop, with a report for each batch. */
export class Phase {
  readonly plan: Plan;
  readonly tally: Tally;
  readonly reports: Report[] = [];
  readonly #gateway: Gateway;
  readonly #queue: MemoryQueue<Message>;
  #batch: Receipt[] = [];

  constructor(plan: Plan, gateway: Gateway) {
    this.plan = plan;
    this.tally = new Tally(gateway.messages.length);
    this.#gateway = gateway;
    // What the service refuses is a failure to be counted here, not tried again.
    this.#queue = memoryQueue({ limit: gateway.messages.length, attempts: 1 });
    for (const message of gateway.messages) this.#queue.putNowait(message);
  }

  get name(): string {
    return `${this.plan.mode}, report ${this.plan.reportIn === 'main' ? 'in main' : 'on the loop'}`;
  }

  /** Cancelled, it cancels what is in flight and waits for that, so that `tally` is true when this throws. */
  async run(): Promise<Measured> {
    const delay = new LoopDelay();
    const began = performance.now();
    let summary: DelaySummary;
    try {
      await this.#sendAll();
    } finally {
      summary = delay.stop();
    }
    return { wallMs: performance.now() - began, delay: summary };
  }

  async #sendAll(): Promise<void> {
    const { future: failure, resolve: fail } = Future.withResolvers<unknown>();
    const handle = async (message: Message): Promise<void> => {
      try {
        await this.#handle(message);
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    // Each is told of above, and one is enough.
    const consumer = consume(this.#queue, handle, { consumers: this.plan.consumers, onError() {}, onGiveUp() {} });
    try {
      await wait([this.#queue.join() as Future<unknown>, failure], { returnWhen: 'firstCompleted' });
      if (failure.done) throw failure.result();
      await this.#report(this.#batch);
    } finally {
      await consumer.close({ mode: 'cancel', graceMs: settleMs }).catch(() => {});
    }
  }

  async #handle(message: Message): Promise<void> {
    const receipt = await this.#send(message);
    this.#batch.push(receipt);
    // A message that was sent although it was cancelled must not lead to a report.
    checkCancelled();
    if (this.#batch.length < this.#gateway.batch) return;
    const batch = this.#batch;
    this.#batch = [];
    await this.#report(batch);
  }

  async #send(message: Message): Promise<Receipt> {
    const { tally } = this;
    const { loop, service } = this.#gateway;
    const began = performance.now();
    tally.begin();
    let receipt: Receipt;
    try {
      receipt = await runCoroutineThreadsafe(sender.send(service, message), loop);
    } catch (error) {
      if (error instanceof CancelledError || loop.isClosed) {
        tally.cancel();
        throw error;
      }
      receipt = { id: message.id, isSent: false, isAlerted: false, ms: performance.now() - began };
    }
    tally.settle(receipt);
    return receipt;
  }

  async #report(batch: readonly Receipt[]): Promise<void> {
    if (batch.length === 0) return;
    const report =
      this.plan.reportIn === 'main'
        ? makeReport(batch)
        : await runCoroutineThreadsafe(reporter.makeReport(batch), this.#gateway.loop);
    this.reports.push(report);
  }
}
