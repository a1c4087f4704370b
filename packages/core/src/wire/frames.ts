import type { MessagePort } from 'node:worker_threads';

import type { CarriedValues } from '../base/carriers.ts';
import type { WireThrown } from './error-codec.ts';

/*
 * Everything that travels on a link. Types only, but for the tables of numbers below.
 *
 * A frame is written as a record of words, in the binary format of value-format.ts, or is posted as it is where that
 * format refuses one of its values: structured clone may refuse it, too, or lose it on the way. A `ByPort` record then tells
 * when it is its turn, and whose it was if it got lost.
 */

export const Op = {
  // caller → guest
  Words: 1,
  Job: 2,
  Call: 3,
  Cancel: 4,
  Credit: 5,
  Return: 6,
  Tasks: 7,
  Flush: 8,
  Close: 9,
  CarryingCall: 10,
  Ping: 11,
  Hello: 12,
  // guest → caller
  Ready: 16,
  Result: 17,
  Failed: 18,
  Cancelled: 19,
  Stream: 20,
  Item: 21,
  CancelSeen: 22,
  Unhandled: 23,
  Slow: 24,
  TaskList: 25,
  Flushed: 26,
  StopRequest: 27,
  Bye: 28,
  Closing: 29,
  Exiting: 30,
  JobTime: 31,
  // both ways
  Connect: 35,
  /** The frame of this op and call was posted. */
  ByPort: 33,
  /** In front of a frame on the port: the handles of loops in its values. */
  Loops: 34,
} as const;

export const CallKind = {
  /** `callSoonThreadsafe`: nobody waits for a result; a failure is reported as unhandled. */
  callback: 0,
  /** `run`: a future or stream waits. */
  future: 1,
  /** The same with a time-out: when it begins is noted in its state word. */
  timed: 2,
} as const;

export type CallKind = (typeof CallKind)[keyof typeof CallKind];

/** A call is named by its slot of shared words and its id. */
type Call = readonly [slot: number, id: number];

export type CallerFrame =
  /** One more buffer of state words. */
  | readonly [op: typeof Op.Words, buffer: SharedArrayBuffer]
  /** From now on `index` means this export of this module. */
  | readonly [op: typeof Op.Job, index: number, url: string, name: string]
  /** Run a job; `dueAt` (shared clock, ms) is 0 for at once. */
  | readonly [
      op: typeof Op.Call,
      ...Call,
      job: number,
      kind: CallKind,
      args: readonly unknown[],
      name: string | undefined,
      dueAt: number,
    ]
  /** The same for a call with which something travels: [name, value, name, value, …]; see base/carriers.ts. */
  | readonly [
      op: typeof Op.CarryingCall,
      ...Call,
      job: number,
      kind: CallKind,
      args: readonly unknown[],
      name: string | undefined,
      dueAt: number,
      carried: CarriedValues,
    ]
  /** A cancel that the words have accepted; only running calls are told. */
  | readonly [op: typeof Op.Cancel, ...Call, reason: WireThrown | undefined]
  /** The consumer of a stream has room for so many items more. */
  | readonly [op: typeof Op.Credit, ...Call, items: number]
  /** The consumer of a stream has left. */
  | readonly [op: typeof Op.Return, ...Call]
  | readonly [op: typeof Op.Tasks, request: number]
  /** Answer once everything written to stdout and stderr has left the thread. */
  | readonly [op: typeof Op.Flush, request: number]
  /** Answer with Flushed, as soon as the thread turns to it: it is not blocked. */
  | readonly [op: typeof Op.Ping, request: number]
  | readonly [op: typeof Op.Close, mode: 'drain' | 'cancel']
  /** A thread that is served beside the owner says where to ring for it; see `Signal`. */
  | readonly [op: typeof Op.Hello, place: number]
  | Connect;

export type GuestFrame =
  /** The setup is done. */
  | readonly [op: typeof Op.Ready]
  | readonly [op: typeof Op.Result, ...Call, value: unknown]
  | readonly [op: typeof Op.Failed, ...Call, error: WireThrown]
  | readonly [op: typeof Op.Cancelled, ...Call, error: WireThrown]
  /** The job is an async generator: items will follow, as credits come. */
  | readonly [op: typeof Op.Stream, ...Call]
  | readonly [op: typeof Op.Item, ...Call, value: unknown]
  /** The thread is not stuck: it has handled the Cancel of this call. */
  | readonly [op: typeof Op.CancelSeen, ...Call]
  | readonly [
      op: typeof Op.Unhandled,
      origin: UnhandledOrigin,
      job: string | undefined,
      error: WireThrown,
      carried: CarriedValues | undefined,
    ]
  | readonly [op: typeof Op.Slow, job: string, ms: number]
  /** Calls of this job have the thread for about so many microseconds, until they first await: told when it changes. */
  | readonly [op: typeof Op.JobTime, job: number, us: number]
  /** What runs in the thread now, and the ids of the calls of this link among it: others may have begun when this is read. */
  | readonly [op: typeof Op.TaskList, request: number, tasks: readonly TaskInfo[], ids: readonly number[]]
  | readonly [op: typeof Op.Flushed, request: number]
  /** A job has called `getRunningLoop().stop()`. */
  | readonly [op: typeof Op.StopRequest]
  /** Everything is settled and flushed; the thread ends. `error`: the teardown failed. */
  | readonly [op: typeof Op.Bye, error: WireThrown | undefined]
  /** To threads other than the owner: no more calls are taken; the thread ends by itself, with this exit code. */
  | readonly [op: typeof Op.Closing]
  | readonly [op: typeof Op.Exiting, code: number]
  | Connect;

/** Serve the thread at the other end of this port, too: on this loop (caller → guest), or on the main one (guest → caller). */
type Connect = readonly [op: typeof Op.Connect, port: MessagePort];

/** A handle inside of a value: where it belongs, whose loop it is, and the way to it, for who does not know it. */
export interface TravellingLoop {
  readonly path: readonly (string | number)[];
  readonly threadId: number;
  readonly name: string;
  readonly port: MessagePort | undefined;
}

export type Frame = CallerFrame | GuestFrame;

/** Frames that are posted by themselves, out of turn: also who has not read a record yet hears them. */
export type AsideFrame = Extract<
  Frame,
  readonly [typeof Op.Connect | typeof Op.Closing | typeof Op.Exiting, ...unknown[]]
>;

export const asideOps: ReadonlySet<unknown> = new Set<AsideFrame[0]>([Op.Connect, Op.Closing, Op.Exiting]);

/** The frames that carry one value of a job. */
export type ItemOp = typeof Op.Result | typeof Op.Item;

/** Where an error that no future carries came from. */
export type UnhandledOrigin = 'callback' | 'future' | 'unhandledRejection' | 'uncaughtException';

/** A task of a loop, as `loop.tasks()` lists it: its name (the job's, where none was given), its job, and where it stands. */
export interface TaskInfo {
  readonly name: string;
  readonly job: string;
  readonly state: 'pending' | 'running' | 'cancelling';
}

/** How many array elements each frame takes, its op included; 0 for what is no op. */
export const frameLength: readonly number[] = lengths([
  [Op.Words, 2],
  [Op.Job, 4],
  [Op.Call, 8],
  [Op.Cancel, 4],
  [Op.Credit, 4],
  [Op.Return, 3],
  [Op.Tasks, 2],
  [Op.Flush, 2],
  [Op.Close, 2],
  [Op.CarryingCall, 9],
  [Op.Ping, 2],
  [Op.Connect, 2],
  [Op.Hello, 2],
  [Op.Ready, 1],
  [Op.Result, 4],
  [Op.Failed, 4],
  [Op.Cancelled, 4],
  [Op.Stream, 3],
  [Op.Item, 4],
  [Op.CancelSeen, 3],
  [Op.Unhandled, 5],
  [Op.Slow, 3],
  [Op.TaskList, 4],
  [Op.Flushed, 2],
  [Op.StopRequest, 1],
  [Op.Bye, 2],
  [Op.Closing, 1],
  [Op.Exiting, 2],
  [Op.JobTime, 3],
]);

function lengths(pairs: readonly (readonly [op: number, length: number])[]): readonly number[] {
  const table = new Array<number>(64).fill(0);
  for (const [op, length] of pairs) table[op] = length;
  return table;
}
