import { forgetRunning, isFollowing, runAlone } from '../asyncio/ambient.ts';
import { CancelledError } from '../base/errors.ts';
import { raise } from '../base/functions.ts';
import type { FrameHandler, Lane } from '../link/lane.ts';
import { toWire, type WireThrown } from '../wire/error-codec.ts';
import { CallKind, Op, type CallerFrame, type GuestFrame } from '../wire/frames.ts';
import { isSimple } from '../wire/plain.ts';
import { StateWords } from '../wire/state-words.ts';
import { notCloneable } from '../wire/values.ts';
import { JobTask, type Call, type JobHost } from './job-task.ts';
import { turnMs, type CallGuard, type GuestSurroundings } from './guest-surroundings.ts';
import type { JobFunction } from './job-modules.ts';
import { JobTiming } from './job-timing.ts';
import { Resumption } from './resumption.ts';
import { listTasks, RunningJobs } from './running-jobs.ts';
import { WaitingCalls } from './waiting-calls.ts';

/**
 * The guest's side of a link: takes calls in, starts them in order, and tells their outcomes.
 *
 *   Call ──► (waits for its time) ──► ready ──► its state word allows it? ──► running ──► outcome sent
 *                                       │ its module is still loading: it and all behind it wait, so that order holds
 *                                       └ cancelled meanwhile: dropped without a word
 */
export class GuestLink implements FrameHandler<CallerFrame>, JobHost {
  readonly words: StateWords;
  readonly lane: Lane<GuestFrame>;
  readonly guard: CallGuard;
  readonly onCallbackFailed: JobHost['onCallbackFailed'];
  readonly #around: GuestSurroundings;
  readonly #waiting: WaitingCalls;
  readonly #running = new RunningJobs();
  /** The call that was started last: the one that has the thread, if any has. */
  #current: Call | undefined;
  readonly #timing: JobTiming;
  /** Before the setup is done nothing starts. */
  #open = false;
  #draining = false;
  readonly #resumption: Resumption;

  constructor(
    connect: (handler: FrameHandler<CallerFrame>) => Lane<GuestFrame>,
    around: GuestSurroundings,
    words?: StateWords,
  ) {
    this.#around = around;
    this.words = words ?? new StateWords(around.times);
    this.guard = around.guard;
    this.onCallbackFailed = around.onCallbackFailed;
    this.#timing = new JobTiming(around.clock, around.slowCallbackMs, {
      onSlow: (label, ms) => this.lane.send([Op.Slow, label, ms]),
      onTime: (job, us) => this.lane.send([Op.JobTime, job, us]),
    });
    this.#resumption = new Resumption(around.nextTurn, () => this.drain());
    // Not from there: jobs start in a port's callback only; see `PortTurns`.
    this.#waiting = new WaitingCalls(around.clock, () => this.#resumption.inNextTurn());
    this.lane = connect(this);
    this.guard.onBreak(() => this.#breakOff());
  }

  get idle(): boolean {
    return this.isSettled && this.#waiting.ready === 0;
  }

  /** What is ready goes on in the next turn, which is booked. */
  get goesOn(): boolean {
    return this.#resumption.hasTurn;
  }

  /** No job is under way that could go on by itself, in a microtask or a callback. */
  get isSettled(): boolean {
    return this.#running.count === 0;
  }

  /** The setup is done: start what waits, and tell. */
  open(): void {
    this.#open = true;
    this.lane.send([Op.Ready]);
    this.drain();
  }

  /** No side sends values to a guest. */
  readonly onValue = (): boolean => false;

  onFrame(frame: CallerFrame): boolean {
    switch (frame[0]) {
      case Op.Words:
        this.words.addChunk(frame[1]);
        return true;
      case Op.Job:
        this.#around.modules.announce(frame[1], frame[2], frame[3]);
        return true;
      case Op.Cancel:
        this.#onCancel(frame[1], frame[2], frame[3]);
        return true;
      case Op.Credit:
        this.#running.find(frame[1], frame[2])?.credit(frame[3]);
        return true;
      case Op.Return:
        this.#running.find(frame[1], frame[2])?.consumerLeft();
        return true;
      case Op.Tasks:
        this.lane.send([Op.TaskList, frame[1], listTasks(), this.#running.list().map(({ id }) => id)]);
        return true;
      case Op.Ping:
        this.lane.send([Op.Flushed, frame[1]]);
        return true;
      case Op.Flush:
        this.#around.onFlush(frame[1]);
        return true;
      case Op.Close:
        this.#around.onClose(frame[1]);
        return true;
      default:
        return this.#around.onFrame?.(frame) ?? false;
    }
  }

  /** The arguments of a call did not arrive. */
  onLost(slot: number, id: number): void {
    this.refuse(slot, id, () => notCloneable([], () => 'an argument', 'it is too deeply nested to be read there'));
  }

  /** Settle a call that has not begun, unless its caller has cancelled it: it never will. */
  refuse(slot: number, id: number, why: () => Error): void {
    if (!this.words.begin(slot, id)) return;
    this.words.end(slot, id);
    const error = why();
    this.lane.send([error instanceof CancelledError ? Op.Cancelled : Op.Failed, slot, id, toWire(error)]);
  }

  /** All frames of a message are taken in before the first of its jobs starts: a cancel in it counts. */
  readonly onMessageEnd = (): void => this.drain();

  onSettled(task: JobTask): void {
    this.#running.remove(task);
    if (this.idle && !this.#draining) this.#around.onIdle();
  }

  /** Give up what has not begun: calls that wait for their time, and with `queued` also those that are ready. */
  dropWaiting(queued: boolean): void {
    const reason = new CancelledError('the loop closed before this was started');
    for (const { slot, id } of this.#waiting.take((_call, isReady) => queued || !isReady))
      this.refuse(slot, id, () => reason);
  }

  /** Its caller is gone, and with it who could take a result: only callbacks still run. */
  abandon(reason: CancelledError): void {
    this.#waiting.take(({ kind }) => kind !== CallKind.callback);
    for (const task of this.#running.list()) if (!task.isCallback) task.cancel(reason);
  }

  /** Start what is ready, in order, until a module is missing or the turn has been long enough. */
  drain(): void {
    if (!this.#open || this.#draining || this.#resumption.isBooked) return;
    this.#draining = true;
    const start = this.#timing.begin();
    let now = start;
    for (let call = this.#waiting.peek(); call !== undefined; call = this.#waiting.peek()) {
      if (now - start >= turnMs) {
        this.#resumption.inNextTurn();
        break;
      }
      const job = this.#around.modules.get(call.job);
      if (job !== undefined && job.fn === undefined && job.error === undefined) {
        this.#resumption.after(job.loaded);
        break;
      }
      this.#waiting.shift();
      now = this.#start(call, now);
    }
    this.words.enter(0);
    this.#draining = false;
    if (this.idle) this.#around.onIdle();
  }

  /** Start one call; returns the time after it. */
  #start(call: Call, now: number): number {
    // Before it is seen to run: one that runs and does not have the thread is taken for one that awaits.
    this.words.enter(call.id);
    if (!this.words.begin(call.slot, call.id, call.kind === CallKind.timed ? this.#around.clock.now() : undefined))
      return now;
    const job = this.#around.modules.get(call.job);
    const label = job?.name ?? `#${call.job}`;
    // What is finished leaves before a job that may block.
    if (job === undefined || job.lastMs >= turnMs) this.lane.flush();
    this.#current = call;
    const fn = job?.fn;
    if (fn === undefined)
      this.#startTask(call, label, () => raise(job?.error ?? new Error(`job ${label} was never announced`)));
    else if (isFollowing()) this.#startTask(call, label, fn);
    else this.#startAlone(call, label, fn);
    return this.#timing.after(call.job, job, label, now);
  }

  #startTask(call: Call, label: string, fn: JobFunction): void {
    this.#newTask(call, label).run(fn, call.args);
  }

  #newTask(call: Call, label: string): JobTask {
    const task = new JobTask(call, label, this);
    this.#running.add(task);
    return task;
  }

  /**
   * Where tasks are not followed nobody can ask for the task of a job before it first awaits: one that returns a plain value
   * has none. All else, and what comes of a cancel, is a task's business from there on.
   */
  #startAlone(call: Call, label: string, fn: JobFunction): void {
    const { guard } = this;
    let result: unknown;
    try {
      guard.enter(call.id);
      result = runAlone(fn, call.args);
      guard.leave();
    } catch (error) {
      guard.leave();
      this.#startTask(call, label, () => raise(error));
      return;
    }
    if (!isSimple(result) || !this.words.endUnasked(call.slot, call.id)) this.#newTask(call, label).goOn(result);
    else this.lane.value(Op.Result, call.slot, call.id, call.kind === CallKind.callback ? undefined : result);
  }

  onCall(
    slot: number,
    id: number,
    job: number,
    kind: CallKind,
    args: readonly unknown[],
    name: string | undefined,
    dueAt: number,
    carried: Call['carried'],
  ): boolean {
    this.#waiting.add({ slot, id, job, kind, args, name, carried }, dueAt);
    return true;
  }

  #onCancel(slot: number, id: number, reason: WireThrown | undefined): void {
    if (this.#waiting.removeLater(id)) return;
    const task = this.#running.find(slot, id);
    if (task === undefined) return;
    task.onCancel(reason);
    this.lane.send([Op.CancelSeen, slot, id]);
  }

  /** The call that has the thread is stopped where it is: nothing above this drain will run. Settle it, and go on after. */
  #breakOff(): void {
    const call = this.#current as Call;
    const error = new CancelledError('the job was interrupted');
    forgetRunning();
    const task = this.#running.find(call.slot, call.id);
    if (task !== undefined) task.breakOff(error);
    else this.#startTask(call, 'interrupted', () => raise(error));
    this.words.enter(0);
    this.#draining = false;
    this.#resumption.inNextTurn();
  }
}
