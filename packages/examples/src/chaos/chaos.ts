import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Crew } from './crew.ts';
import { openFault, type FaultName } from './fault.ts';
import { Ledger } from './ledger.ts';
import type { SourceName } from './plan.ts';
import { openStock, type Counts, type Stock } from './stock.ts';

/** One run: a fault that is made so many times, while a queue is worked through. */
export interface Order {
  readonly fault: FaultName;
  readonly source: SourceName;
  readonly messages: number;
  readonly faults: number;
  readonly processes: number;
  /** Messages under way in each of them. */
  readonly concurrency: number;
  readonly workMs: number;
  /** Default: so many that no fault can use them up. */
  readonly attempts?: number;
  /** Put in beside, which kills each process that takes it. Default: none. */
  readonly poison?: number;
  /** How long a consumer that has died keeps its messages, in milliseconds. Default: short, so that the end of a run is soon. */
  readonly leaseMs?: number;
  /** After so long, what is not done is stuck. */
  readonly limitMs: number;
}

/** What became of the messages. */
export interface Report extends Order {
  /** Faults that were made. */
  readonly made: number;
  /** Messages that were put in: all of them, unless the time was over. */
  readonly enqueued: number;
  readonly done: number;
  /** Neither done, nor in the queue, nor given up. */
  readonly lost: number;
  /** Effects beyond the first of each message. */
  readonly duplicates: number;
  /** Messages that were delivered under different ids. */
  readonly renamed: number;
  /** Still in the queue. */
  readonly stuck: number;
  readonly dead: number;
  /** Consumers that ended although nobody wanted it. */
  readonly deaths: number;
  /** The consumers did not end by themselves when they were told to. */
  readonly isLate: boolean;
  readonly said: readonly string[];
  readonly note: string;
  readonly seconds: number;
}

const batches = 20;
const pollMs = 5;
const endMs = 15_000;
const manyAttempts = 1000;
const shortLeaseMs = 1500;

/** Fill a queue, have consumers work through it while the fault is made again and again, and count. */
export async function runChaos(order: Order): Promise<Report> {
  const { source, messages, faults, processes, concurrency, workMs, poison = 0, limitMs } = order;
  const folder = mkdtempSync(join(tmpdir(), 'offloop-chaos-'));
  try {
    await using stock = await openStock[source]();
    await using fault = await openFault[order.fault](stock);
    const numbers = Array.from({ length: poison + messages }, (_, index) => index - poison);
    // The other half comes bit by bit, when nothing waits, so that consumers have to wait, too.
    const batch = Math.ceil(messages / 2 / batches);
    await stock.put(numbers.splice(0, poison + Math.ceil(messages / 2)));
    const ledger = new Ledger(join(folder, 'ledger'));
    const { attempts = manyAttempts, leaseMs = shortLeaseMs } = order;
    const plan = { source, at: fault.at, ledger: ledger.path, concurrency, workMs, attempts, leaseMs };
    const begin = performance.now();
    using crew = new Crew(plan, processes);
    while (performance.now() - begin < limitMs && !crew.isHopeless) {
      const { waiting, left } = await countOf(stock);
      ledger.read();
      // With as much to do between two faults as before the first and after the last.
      const isTime = ledger.done >= ((fault.made + 1) * messages) / (faults + 1);
      if (fault.made < faults && isTime) await fault.make(crew, ledger);
      else if (waiting === 0 && numbers.length > 0) await stock.put(numbers.splice(0, batch));
      else if (left === 0) break;
      await new Promise((resolve) => void setTimeout(resolve, pollMs));
    }
    const isLate = !(await crew.end(endMs));
    ledger.read();
    const { left: stuck, dead } = await countOf(stock);
    const { done, effects, renamed } = ledger;
    const enqueued = messages + poison - numbers.length;
    return {
      ...order,
      made: fault.made,
      enqueued,
      done,
      lost: Math.max(0, enqueued - done - stuck - dead),
      duplicates: effects - done,
      renamed,
      stuck,
      dead,
      deaths: crew.deaths,
      isLate,
      said: crew.said,
      note: fault.note ?? '',
      seconds: Math.round((performance.now() - begin) / 100) / 10,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A Redis that has just been started may need a moment. */
async function countOf(stock: Stock): Promise<Counts> {
  try {
    return await stock.count();
  } catch {
    return { waiting: Infinity, left: Infinity, dead: 0 };
  }
}
