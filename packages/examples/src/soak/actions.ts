// What the users of the soak do. Each waits until all that it has begun has ended, and checks how.
import { CancelledError, NotCloneableError, TimeoutError, type Coroutine, type StreamCoroutine } from 'offloop';

import type { Outcome } from './ledger.ts';
import { jobs, type Stage } from './stage.ts';

export interface Action {
  readonly name: string;
  /** How often it comes, against the others. */
  readonly weight: number;
  readonly run: (stage: Stage) => Promise<void>;
}

function resolvesWith(value: unknown): (outcome: Outcome) => boolean {
  return (outcome) => outcome.is === 'resolved' && outcome.value === value;
}

function rejectsWith(isRight: (reason: unknown) => boolean): (outcome: Outcome) => boolean {
  return (outcome) => outcome.is === 'rejected' && isRight(outcome.reason);
}

const isNo = rejectsWith((reason) => reason instanceof RangeError && 'code' in reason && reason.code === 'E_NO');
const isTimeout = rejectsWith((reason) => reason instanceof TimeoutError);
const isNotCloneable = rejectsWith((reason) => reason instanceof NotCloneableError);
const isCancelled = rejectsWith((reason) => reason instanceof CancelledError);

/** A loop that is closed in the middle may cancel what it has: for what is not cancelled otherwise. */
function orClosed(isRight: (outcome: Outcome) => boolean): (outcome: Outcome) => boolean {
  return (outcome) => isRight(outcome) || isCancelled(outcome);
}

function simple(
  name: string,
  weight: number,
  make: () => Coroutine<unknown>,
  isRight: (outcome: Outcome) => boolean,
  timeout?: number,
): Action {
  const options = timeout === undefined ? undefined : { timeout };
  return {
    name,
    weight,
    run: ({ ledger, target }) => ledger.follow(name, target.run(make(), options), orClosed(isRight)),
  };
}

const many: Action = {
  name: 'many small jobs',
  weight: 30,
  run: async ({ ledger, target, random, signal }) => {
    const options = random.below(2) === 0 ? { signal } : undefined;
    const calls = Array.from({ length: 1 + random.below(50) }, (_, i) =>
      ledger.follow('many small jobs', target.run(jobs.add(i, 1), options), orClosed(resolvesWith(i + 1))),
    );
    await Promise.all(calls);
  },
};

const cancelled: Action = {
  name: 'cancel',
  weight: 12,
  run: async ({ ledger, target, random }) => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const calls = Array.from({ length: 1 + random.below(10) }, () => target.run(jobs.restForEver(words)));
    const followed = calls.map((call) => ledger.follow('cancel', call, isCancelled));
    await pause(random.below(5));
    // False where it has ended on its loop, which was closed, and the word of that is still on its way.
    for (const call of calls) call.cancel('the soak');
    await Promise.all(followed);
  },
};

const abortedBlocking: Action = {
  name: 'cancel of a blocking job',
  weight: 4,
  run: async ({ ledger, target, random }) => {
    const controller = new AbortController();
    const call = target.run(jobs.spinPolitely(), { signal: controller.signal });
    const followed = ledger.follow('cancel of a blocking job', call, isCancelled);
    await pause(random.below(20));
    controller.abort();
    await followed;
  },
};

function streaming(name: string, weight: number, make: () => StreamCoroutine<number>, stopAt: number): Action {
  const read = async (stage: Stage): Promise<number> => {
    let sum = 0;
    for await (const item of stage.target.run(make())) {
      sum += item;
      if (item === stopAt) break;
    }
    return sum;
  };
  const isRight = resolvesWith((stopAt * (stopAt + 1)) / 2);
  const isFailure = rejectsWith((reason) => reason instanceof RangeError);
  return {
    name,
    weight,
    run: (stage) =>
      stage.ledger.follow(name, read(stage), orClosed(name === 'stream that fails' ? isFailure : isRight)),
  };
}

const moving: Action = {
  name: 'transfer',
  weight: 8,
  run: async ({ ledger, target, random }) => {
    const bytes = new Uint8Array(1024 * (1 + random.below(1024)));
    const call = target.run(jobs.touch(bytes), { transfer: [bytes.buffer] });
    const isMoved = (outcome: Outcome): boolean =>
      outcome.is === 'resolved' && (outcome.value as Uint8Array)[0] === 1 && bytes.byteLength === 0;
    await ledger.follow('transfer', call, orClosed(isMoved));
  },
};

/** Of the loops that have not ended meanwhile. */
function allAreThree(outcome: Outcome): boolean {
  if (outcome.is === 'rejected') return false;
  const records = outcome.value as readonly { readonly status: string; readonly value?: unknown }[];
  return records.every(({ status, value }) => status === 'rejected' || value === 3);
}

const broadcasting: Action = {
  name: 'broadcast',
  weight: 3,
  run: async ({ ledger, pool }) => {
    await ledger.follow('broadcast', pool.broadcast(jobs.add(1, 2)), allAreThree);
  },
};

const mapping: Action = {
  name: 'map',
  weight: 3,
  run: async ({ ledger, pool }) => {
    const read = async (): Promise<number> => {
      let sum = 0;
      for await (const n of pool.map((item: number) => jobs.add(item, 1), [1, 2, 3, 4, 5])) sum += n;
      return sum;
    };
    await ledger.follow('map', read(), resolvesWith(20));
  },
};

const callbacks: Action = {
  name: 'callbacks',
  weight: 6,
  run: async ({ ledger, berth: { loop }, random }) => {
    const schedule = async (): Promise<boolean> => {
      loop.callSoonThreadsafe(jobs.add, 1, 2);
      const later = loop.callLaterThreadsafe(1 + random.below(10), jobs.fail, 1);
      if (random.below(2) === 0) later.cancel();
      loop.callSoonThreadsafe(jobs.rejectInBackground);
      await loop.run(jobs.rest(12));
      return true;
    };
    await ledger.follow('callbacks', schedule(), orClosed(resolvesWith(true)));
  },
};

const closing: Action = {
  name: 'close and open a loop',
  weight: 2,
  run: async ({ ledger, berth, random }) => {
    const mode = (['drain', 'cancel', 'terminate'] as const)[random.below(3)] ?? 'drain';
    await ledger.follow('close and open a loop', berth.replace(mode), resolvesWith(undefined));
  },
};

const idempotent: Action = {
  name: 'idempotent',
  weight: 4,
  run: ({ ledger, pool }) => ledger.follow('idempotent', pool.run(jobs.rest(5), { idempotent: true }), resolvesWith(5)),
};

export const actions: readonly Action[] = [
  many,
  simple('async', 12, () => jobs.rest(3), resolvesWith(3)),
  simple('throw', 8, () => jobs.fail(7), isNo),
  simple('throw later', 8, () => jobs.failLater(7), isNo),
  simple(
    'throw null',
    4,
    () => jobs.throwNull(),
    rejectsWith((reason) => reason instanceof Error && reason.cause === null),
  ),
  simple('uncloneable result', 6, () => jobs.returnUncloneable(), isNotCloneable),
  simple('time-out of an async job', 6, () => jobs.rest(1e9), isTimeout, 10),
  simple('time-out of a blocking job', 4, () => jobs.spin(), isTimeout, 20),
  cancelled,
  abortedBlocking,
  streaming('stream', 5, () => jobs.countTo(200), 200),
  streaming('stream, broken off', 6, () => jobs.countTo(1e6), 10),
  streaming('stream that fails', 3, () => jobs.failAfter(20), 1000),
  moving,
  idempotent,
  broadcasting,
  mapping,
  callbacks,
  closing,
  // Killers: what they take along counts as lost.
  simple(
    'process.exit',
    1,
    () => jobs.exit(5),
    () => false,
  ),
  simple(
    'out of memory',
    0.3,
    () => jobs.fillMemory(),
    () => false,
  ),
  simple('a job that cannot be interrupted', 0.5, () => jobs.spinAfterAwait(), isTimeout, 20),
];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
