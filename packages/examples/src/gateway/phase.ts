import {
  CancelledError,
  checkCancelled,
  createTask,
  gather,
  jobModule,
  Queue,
  runCoroutineThreadsafe,
  wait,
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
  readonly #queue: Queue<Message>;
  #batch: Receipt[] = [];

  constructor(plan: Plan, gateway: Gateway) {
    this.plan = plan;
    this.tally = new Tally(gateway.messages.length);
    this.#gateway = gateway;
    this.#queue = new Queue({ maxSize: gateway.messages.length });
    for (const message of gateway.messages) this.#queue.putNowait(message);
    this.#queue.shutdown();
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
    const consumers = Array.from({ length: this.plan.consumers }, (_, index) =>
      createTask(() => this.#consume(), { name: `consumer-${index + 1}` }),
    );
    try {
      await gather(consumers);
      await this.#report(this.#batch);
    } finally {
      for (const consumer of consumers) consumer.cancel();
      await wait(consumers, { timeout: settleMs });
    }
  }

  async #consume(): Promise<void> {
    for await (const message of this.#queue) {
      const receipt = await this.#send(message);
      this.#batch.push(receipt);
      // A message that was sent although it was cancelled must not lead to the next one.
      checkCancelled();
      if (this.#batch.length < this.#gateway.batch) continue;
      const batch = this.#batch;
      this.#batch = [];
      await this.#report(batch);
    }
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
