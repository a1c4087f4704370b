import type { Entry } from './contestant.ts';

/** Ratios are against this one. */
export const reference = 'offloop';

const inThread = 'nothing leaves the thread';

/**
 * Every contestant, at the setting that serves it best over all workloads. A variant of a library is a line of its own with
 * the same file and other options: `{ name: 'offloop-port', file: 'offloop', options: { … } }`.
 */
export const roster: readonly Entry[] = [
  {
    name: 'offloop',
    file: 'offloop',
    package: 'offloop',
    options: {},
    setting: 'defaults; one WorkerLoop for each thread, in turns',
    cannot: {},
  },
  {
    name: 'offloop-pool',
    file: 'offloop-pool',
    package: 'offloop',
    options: {},
    setting: 'LoopPool with one loop for each thread, maxQueue: Infinity',
    cannot: {},
  },
  {
    name: 'offloop-nospin',
    file: 'offloop',
    package: 'offloop',
    options: { spin: 0 },
    setting: 'spin: 0; one WorkerLoop for each thread, in turns',
    cannot: {},
  },
  {
    name: 'offloop-port',
    file: 'offloop',
    package: 'offloop',
    options: { lane: 'port' },
    setting: "lane: 'port', no shared memory but the state words; one WorkerLoop for each thread, in turns",
    cannot: {},
  },
  {
    name: 'piscina',
    file: 'piscina',
    package: 'piscina',
    options: {},
    setting: 'defaults, minThreads = maxThreads; a thread has one task at a time',
    cannot: {},
  },
  {
    name: 'piscina-c1024',
    file: 'piscina',
    package: 'piscina',
    options: { concurrentTasksPerWorker: 1024 },
    setting: 'concurrentTasksPerWorker: 1024, minThreads = maxThreads',
    cannot: {},
  },
  {
    name: 'tinypool-c1024',
    file: 'tinypool',
    package: 'tinypool',
    options: { concurrentTasksPerWorker: 1024 },
    setting: 'concurrentTasksPerWorker: 1024, minThreads = maxThreads',
    cannot: {},
  },
  {
    name: 'comlink',
    file: 'comlink',
    package: 'comlink',
    options: {},
    setting: "Node's endpoint, one Worker for each thread, in turns; the proxy of each function made once",
    cannot: {},
  },
  {
    name: 'workerpool',
    file: 'workerpool',
    package: 'workerpool',
    options: {},
    setting:
      "workerType: 'thread', minWorkers = maxWorkers; a thread has one task at a time, there is no other setting",
    cannot: {},
  },
  {
    name: 'poolifier',
    file: 'poolifier',
    package: 'poolifier',
    options: {},
    setting: 'FixedThreadPool, no tasks queue (every task goes out at once), enableEvents: false',
    cannot: { 'move-16m': 'it copies results: they cannot be moved' },
  },
  {
    name: 'raw',
    file: 'raw',
    options: {},
    setting: 'worker.postMessage and a Map of promises, one Worker for each thread, in turns; no errors, no cancel',
    cannot: { failures: 'it carries no errors' },
  },
  {
    name: 'in-thread',
    file: 'in-thread',
    options: {},
    setting: 'no thread: an await of the same function in main',
    cannot: {
      'object-1k': inThread,
      'object-100k': inThread,
      'copy-1m': inThread,
      'move-16m': inThread,
      stall: 'there are no replies',
      'flight-16-two': 'it has one thread',
      'flight-256-two': 'it has one thread',
      'flight-4096-two': 'it has one thread',
      'flight-100000-two': 'it has one thread',
    },
  },
];
