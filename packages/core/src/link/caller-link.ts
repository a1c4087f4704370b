import { QueueFullError, type CancelledError } from '../base/errors.ts';
import { toWire } from '../wire/error-codec.ts';
import { Op, type CallerFrame, type GuestFrame, type ItemOp } from '../wire/frames.ts';
import type { CallState } from '../wire/state-words.ts';
import { notCloneable } from '../wire/values.ts';
import type { CallRequest, JobName } from './call-request.ts';
import { tellEvent, type CallerEvents } from './caller-events.ts';
import { CallTable, type PendingCall } from './call-table.ts';
import type { Connection, FrameHandler, Lane } from './lane.ts';
import type { Sampler } from './sampler.ts';

/** What became of a cancel: the call never runs, or it runs and has been asked, or it is over. */
export type CancelOutcome = 'dropped' | 'asked' | 'over';

/**
 * The caller's side of a link, as a state machine over a transport: it sends calls, keeps those in flight, and gives each
 * its one outcome. It knows no thread and no clock.
 *
 *   submit ──► in flight ── Result | Failed | Cancelled | lost ──► settled
 *                 │  cancel before the begin ──────────────────► settled (the owner settles itself)
 *                 └─ gone (crash, close) ──────────────────────► settled
 */
export class CallerLink implements FrameHandler<GuestFrame> {
  readonly #table: CallTable;
  readonly connection: Connection<CallerFrame>;
  readonly #lane: Lane<CallerFrame>;
  readonly #events: CallerEvents;
  /** By their numbers. */
  readonly #announced: (JobName | undefined)[] = [];
  readonly #maxQueue: number;

  constructor(
    connect: (handler: FrameHandler<GuestFrame>) => Connection<CallerFrame>,
    events: CallerEvents,
    maxQueue: number,
    sampler?: Sampler,
  ) {
    this.#table = new CallTable(sampler);
    this.connection = connect(this);
    this.#lane = this.connection.lane;
    this.#events = events;
    this.#maxQueue = maxQueue;
  }

  /** How many calls are in flight. */
  get size(): number {
    return this.#table.size;
  }

  get garbage(): number {
    return this.connection.garbage;
  }

  /** The calls in flight, oldest first. */
  calls(): PendingCall[] {
    return this.#table.list();
  }

  /**
   * Send a call. Throws QueueFullError, CarryError, NotCloneableError for an argument that cannot be sent, or what the transfer
   * list deserves; then nothing was sent and nothing moved.
   */
  submit(call: PendingCall, request: CallRequest): void {
    const { job, carried } = request;
    if (carried?.error !== undefined) throw carried.error;
    if (this.#table.size >= this.#maxQueue)
      throw new QueueFullError(
        `${this.#table.size} calls are in flight and the limit (maxQueue) is ${this.#maxQueue}; wait for some of them, or raise it`,
      );
    if (this.#announced[job.index] === undefined) {
      this.#announced[job.index] = job;
      this.#lane.send([Op.Job, job.index, job.url, job.name]);
    }
    if (this.#table.isFull) this.#lane.send([Op.Words, this.#table.words.addChunk()]);
    this.#table.open(call, request.dueAt);
    try {
      this.#lane.call(call.slot, call.id, request);
    } catch (error) {
      this.#table.close(call);
      throw error;
    }
    this.connection.expect();
  }

  /** Cancel a call. After `'dropped'` it is settled and hears nothing more. */
  cancel(call: PendingCall, reason: unknown): CancelOutcome {
    if (this.withdraw(call)) return 'dropped';
    const { words } = this.#table;
    if (!words.cancelRunning(call.slot, call.id) && words.read(call.slot, call.id) !== 'cancelling') return 'over';
    this.#lane.send([Op.Cancel, call.slot, call.id, reason === undefined ? undefined : toWire(reason)]);
    return 'asked';
  }

  /** Take a call back that has not begun: then it never will, and is settled. False when it has, and nothing is changed. */
  withdraw(call: PendingCall): boolean {
    if (!this.#table.words.cancelQueued(call.slot, call.id)) return false;
    // Told all the same, so that a call that waits for its time does not wait in vain.
    this.#lane.send([Op.Cancel, call.slot, call.id, undefined]);
    this.#table.close(call);
    return true;
  }

  /** Cancel everything: what is queued never runs, what runs finds its word marked. Who is asked is told by a Close frame. */
  cancelAll(reason: CancelledError): void {
    const { words } = this.#table;
    const wire = toWire(reason);
    for (const call of this.#table.list()) {
      call.onAsked(reason);
      if (words.cancelQueued(call.slot, call.id)) {
        this.#table.close(call);
        call.onCancelled(wire);
      } else words.cancelRunning(call.slot, call.id);
    }
  }

  /** Where the call stands; `'ended'` also when its outcome has not arrived yet. */
  stateOf(call: PendingCall): CallState {
    return this.#table.words.read(call.slot, call.id) ?? 'ended';
  }

  /** The id of the call that has the thread; 0 when the thread tells of none. */
  get entered(): number {
    return this.#table.words.entered;
  }

  /** Does this call block the thread? Undefined when none does that the thread has told of. */
  hasThread(call: PendingCall): boolean | undefined {
    return this.#table.words.isEntered(call.id);
  }

  /** Milliseconds since the call began to run. */
  runningFor(call: PendingCall, now: number): number {
    return this.#table.words.runningFor(call.slot, now);
  }

  send(frame: CallerFrame): void {
    this.#lane.send(frame);
    this.connection.expect();
  }

  /** Nothing will arrive any more; see `Connection.end`. */
  end(isSure: boolean): void {
    this.connection.end(isSure);
  }

  /** Take in what has arrived. */
  readArrived(): void {
    this.connection.readArrived();
  }

  /** The other side is gone, or gives everything up: settle every call in flight. */
  gone(errorFor: (call: PendingCall) => Error): void {
    for (const call of this.#table.list()) {
      // Its owner may have cancelled it just now, when it was told of another.
      if (this.#table.find(call.slot, call.id) === undefined) continue;
      // Where the thread still lives, nothing of this begins after its owner was told that it is gone.
      this.#table.words.cancelQueued(call.slot, call.id);
      this.#table.close(call);
      call.onGone(errorFor(call));
    }
  }

  onCall(): boolean {
    return false;
  }

  onValue(op: ItemOp, slot: number, id: number, value: unknown): boolean {
    const call = this.#table.find(slot, id);
    if (call === undefined) return false;
    if (op === Op.Item) call.onItem(value);
    else {
      this.#table.close(call);
      call.onResult(value);
    }
    return true;
  }

  onFrame(frame: GuestFrame): boolean {
    switch (frame[0]) {
      case Op.Failed:
        return this.#settle(frame[1], frame[2], (call) => call.onFailed(frame[3]));
      case Op.Cancelled:
        return this.#settle(frame[1], frame[2], (call) => call.onCancelled(frame[3]));
      case Op.Stream:
        return this.#tell(frame[1], frame[2], (call) => call.onStream());
      case Op.CancelSeen:
        return this.#tell(frame[1], frame[2], (call) => (call.cancelSeen = true));
      case Op.JobTime:
        return this.#onJobTime(frame[1], frame[2]);
      default:
        return tellEvent(this.#events, frame);
    }
  }

  onLost(slot: number, id: number): void {
    // An item of a stream was lost: the job still runs, and nobody takes what it sends after this.
    if (this.#table.find(slot, id) !== undefined && this.#table.words.cancelRunning(slot, id))
      this.#lane.send([Op.Cancel, slot, id, undefined]);
    const why = 'it is too deeply nested to be read here';
    this.#settle(slot, id, (call) => call.onFailed(toWire(notCloneable([], () => `the result of ${call.label}`, why))));
  }

  onMessageEnd(): void {}

  #settle(slot: number, id: number, tell: (call: PendingCall) => void): boolean {
    const call = this.#table.find(slot, id);
    if (call === undefined) return false;
    this.#table.close(call);
    tell(call);
    return true;
  }

  #onJobTime(index: number, us: number): boolean {
    const job = this.#announced[index];
    if (job === undefined) return false;
    this.#events.onJobTime?.(job, us);
    return true;
  }

  #tell(slot: number, id: number, tell: (call: PendingCall) => void): boolean {
    const call = this.#table.find(slot, id);
    if (call === undefined) return false;
    tell(call);
    return true;
  }
}
