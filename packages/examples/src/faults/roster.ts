import type { Entry } from '../bench/contestant.ts';

/** Whose hangs and hurt neighbours make the command fail. */
export const own: readonly string[] = ['offloop', 'offloop-pool'];

const held = 'its tasks hold the process';
const noTimeout = 'it has no time-outs';
const noCancel = 'it has no cancel';
const ownPool = 'a pool holds the process until it is closed';
const manyAtOnce = 'its limit is for what waits beyond the 1,024 tasks of the thread';
const usersThread = 'the Worker is made, and ended, by its user';

/** Every contestant has one thread. `cannot` is by the numbers of the rows, or by number and probe. */
export const roster: readonly Entry[] = [
  { name: 'offloop', file: 'offloop', package: 'offloop', options: {}, setting: 'a WorkerLoop', cannot: {} },
  {
    name: 'offloop-pool',
    file: 'offloop',
    package: 'offloop',
    options: { pool: true },
    setting: 'a LoopPool of one loop',
    cannot: {},
  },
  {
    name: 'piscina',
    file: 'piscina',
    package: 'piscina',
    options: {},
    setting: 'one task at a time',
    cannot: { 35: held },
  },
  {
    name: 'piscina-c1024',
    file: 'piscina',
    package: 'piscina',
    options: { concurrentTasksPerWorker: 1024 },
    setting: 'concurrentTasksPerWorker: 1024; a task with a signal or a time-out is alone in its thread all the same',
    cannot: { 35: held, 38: manyAtOnce },
  },
  {
    name: 'tinypool-c1024',
    file: 'tinypool',
    package: 'tinypool',
    options: { concurrentTasksPerWorker: 1024 },
    setting: 'concurrentTasksPerWorker: 1024; a task with a signal or a time-out is alone in its thread all the same',
    cannot: { 35: held, 38: manyAtOnce },
  },
  {
    name: 'workerpool',
    file: 'workerpool',
    package: 'workerpool',
    options: {},
    setting: "workerType: 'thread'; one task at a time",
    cannot: { 35: ownPool, 36: ownPool, '21 listeners': 'it takes no signals' },
  },
  {
    name: 'poolifier',
    file: 'poolifier',
    package: 'poolifier',
    options: {},
    setting: 'FixedThreadPool, no tasks queue: every task goes out at once',
    cannot: { 35: ownPool, 36: ownPool, 38: 'its queue has no limit' },
  },
  {
    name: 'comlink',
    file: 'comlink',
    package: 'comlink',
    options: {},
    setting: "Node's endpoint on a Worker of its user's",
    cannot: {
      17: noTimeout,
      18: noTimeout,
      20: noTimeout,
      21: noCancel,
      22: noCancel,
      23: noCancel,
      31: noCancel,
      38: 'its calls have no limit',
      44: noTimeout,
      46: usersThread,
      48: usersThread,
      49: usersThread,
    },
  },
];
