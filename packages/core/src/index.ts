// offloop: asyncio's thread-safe event loops for Node.js. The house, from the ground up; a file imports from lower floors only
// (ARCHITECTURE.md tells why and shows the frames and the states):
//
//   base/     errors and their codes, clocks and timers, queues: knows nothing of the rest
//   asyncio/  what needs no thread: Future, Task, gather, wait, asCompleted, waitFor, shield, sleep, Queue
//   wire/     what travels: frames, values, errors, and the words that two threads share
//   link/     one link between two threads: batching, calls in flight, what keeps the process alive
//   guest/    the thread that runs jobs      } these two never import each other:
//   host/     the thread that asks for them  } they meet in wire/ and link/
//   pool/     several loops behind one run(), on the side that asks
//   consume/  messages of a queue, each a job on a loop or a pool; the sources that need no server
//   adapters/ other libraries, on the public API alone: what users could write, too
//   doors     index.ts, where host and guest meet; worker.ts (the start of a loop's thread), testing.ts

export { asCompleted, type AsCompletedOptions, type SettledRecord } from './asyncio/as-completed.ts';
export { checkCancelled, currentTask } from './asyncio/current-task.ts';
export type { Awaitable } from './asyncio/ensure-future.ts';
export { Future, type DoneCallback } from './asyncio/future.ts';
export type { FutureState } from './asyncio/future-state.ts';
export type { ForcedCancel } from './asyncio/forced-cancel.ts';
export { gather, type GatheredResults, type GatherOptions } from './asyncio/gather.ts';
export { Queue, type QueueOptions } from './asyncio/queue.ts';
export { getRunningLoop, RunningLoop, type LocalHandle } from './asyncio/running-loop.ts';
export { shield } from './asyncio/shield.ts';
export { sleep } from './asyncio/sleep.ts';
export { createTask, type TaskOptions } from './asyncio/create-task.ts';
export { allTasks, Task } from './asyncio/task.ts';
export { wait, type WaitOptions, type WaitResult } from './asyncio/wait.ts';
export { waitFor } from './asyncio/wait-for.ts';

export type { TimeSummary } from './base/histogram.ts';
export { errorCodes, type ErrorCode } from './base/error-codes.ts';
export type { CarriedValues, Carrier } from './base/carriers.ts';
export { carry, withCarried, type Carrying } from './base/carry.ts';
export {
  CancelledError,
  CarryError,
  type CancelRung,
  CloseTimeoutError,
  InspectionError,
  InvalidArgumentError,
  InvalidStateError,
  JobError,
  LoopClosedError,
  LoopCrashedError,
  ModuleLoadError,
  NotCloneableError,
  OffloopError,
  PoolBrokenError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  StreamUseError,
  ThreadBudgetError,
  TimeoutError,
  UnknownJobError,
} from './base/errors.ts';

export { Drop, LeaseLostError, MalformedMessageError, PoisonMessageError } from './base/message-errors.ts';

export {
  fromWire as unpackError,
  registerError,
  toWire as packError,
  type WireThrown as PackedError,
} from './wire/error-codec.ts';
export type { HeapUse } from './wire/gauges.ts';
export type { TaskInfo } from './wire/frames.ts';
export type { MainStall } from './wire/main-watch.ts';
export { move } from './wire/move.ts';

export { tickEnd } from './link/tick-end.ts';

export type { ErrorContext } from './host/call-host.ts';
export { Coroutine, type AnyCoroutine, type StreamCoroutine } from './host/coroutine.ts';
export { setDefaultExecutor, type Executor } from './host/default-executor.ts';
export type { Handle } from './host/handle.ts';
export { jobModule, type CoroutineOf, type JobModule, type JobReference } from './host/job-module.ts';
export type { RemoteStream } from './host/remote-stream.ts';
export type { UnhandledPolicy, WorkerLoopOptions } from './host/loop-options.ts';
export { getLoopHandle, getMainLoop, LoopHandle } from './host/loop-handle.ts';
export type { LoopState } from './host/loop-state.ts';
export type { CloseOptions, LoopStats, RunOptions, StallInfo, WorkerLoopEvents } from './host/loop-types.ts';
export type { CpuProfile } from './host/profile.ts';
export { takeCall, type CoroutineCall } from './host/take-call.ts';
export { run, type RunMainOptions } from './host/run.ts';
export type { CloseMode } from './host/shutdown.ts';
export { watchMainLoop, type MainWatch, type MainWatchOptions } from './host/watch-main-loop.ts';
export { runCoroutineThreadsafe } from './host/run-coroutine-threadsafe.ts';
export { WorkerLoop } from './host/worker-loop.ts';

export type { BroadcastOptions } from './pool/broadcast.ts';
export { LoopPool } from './pool/loop-pool.ts';
export type { MapOptions } from './pool/map-jobs.ts';
export type { LoopPoolOptions } from './pool/pool-options.ts';
export type { LoopPoolEvents, PoolRunOptions, PoolState, PoolStats } from './pool/pool-types.ts';
export type { RestartPolicy } from './pool/supervisor.ts';

import { serveUnowned } from './guest/main-service.ts';
import { provideDefaultExecutor } from './host/default-executor.ts';
import { provideOwnLoop } from './link/own-loop.ts';
import { makeDefaultPool } from './pool/default-pool.ts';

// Where host and guest meet: a thread that asks can be asked, too, the main one first of all.
provideOwnLoop(serveUnowned);
provideDefaultExecutor(makeDefaultPool);
export type {
  ConsumeDelivery,
  DeadLetter,
  DeadReason,
  Delivery,
  Handler,
  Intake,
  IntakeOptions,
  Source,
  SourceHealth,
} from './consume/source.ts';
export { toBackoff, type Backoff, type BackoffPolicy } from './consume/backoff.ts';
export { consume } from './consume/consume.ts';
export type { ConsumeErrorContext, ConsumeOptions } from './consume/consume-options.ts';
export type { Consumer } from './consume/consumer.ts';
export type { ConsumerEvents, ConsumerHealth, ConsumerState, ConsumerStats } from './consume/consumer-types.ts';
export { openIntake } from './consume/intake.ts';
export type { DoneMessage } from './consume/job-desk.ts';
export type { ConsumeJob } from './consume/job-places.ts';
export {
  memoryQueue,
  type MemoryQueue,
  type MemoryQueueOptions,
  type MemoryQueueStats,
} from './consume/memory-queue.ts';
export type { Message, MessageSink, MessageStore, Stored } from './consume/message-store.ts';
