import type { EventLoopUtilization } from 'node:perf_hooks';

import { deferred, type Deferred } from '../base/deferred.ts';
import { byName } from '../base/carry.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { CancelledError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { TimerQueue, type TimerEntry } from '../base/timer-queue.ts';
import { errorOf } from '../link/call-request.ts';
import type { CallerEvents } from '../link/caller-events.ts';
import { CallerLink } from '../link/caller-link.ts';
import { Contact, remember } from '../link/contact.ts';
import { Holds } from '../link/holds.ts';
import { introduceToMain } from '../link/own-loop.ts';
import { Sampler } from '../link/sampler.ts';
import type { PortTransport, Receiver } from '../link/transport.ts';
import type { WireThrown } from '../wire/error-codec.ts';
import { Op } from '../wire/frames.ts';
import { Gauges } from '../wire/gauges.ts';
import type { InitRings } from '../wire/init.ts';
import type { CallHost } from './call-host.ts';
import { connect } from './connect.ts';
import { flushOutput } from './flush-output.ts';
import { interrupt } from './interrupter.ts';
import { JobRun } from './job-run.ts';
import {
  abandonedError,
  closedError,
  closeTimeoutError,
  crashError,
  lostCallError,
  setupError,
  startTimeoutError,
  stuckError,
} from './loop-errors.ts';
import { addLiveLoop, removeLiveLoop, type LiveLoop } from './live-loops.ts';
import type { CompleteLoopOptions } from './loop-options.ts';
import type { LoopState, LoopThreadEvents } from './loop-state.ts';
import { countLostThread } from './lost-threads.ts';
import { Luggage, type PackedJob } from './luggage.ts';
import { Questions } from './questions.ts';
import { defaultGraceMs, Shutdown, type CloseMode, type ShutdownEffects } from './shutdown.ts';
import { Thread } from './thread.ts';

/** A thread with its link, from start to end: nothing that was accepted stays unsettled when it is gone. */
export class LoopThread implements CallHost, CallerEvents, ShutdownEffects, LiveLoop {
  readonly name: string;
  readonly debug: boolean;
  readonly clock: Clock = systemClock;
  readonly link: CallerLink;
  readonly holds: Holds;
  readonly timeouts: TimerQueue = new TimerQueue(systemClock, false);
  /** What the thread tells of itself. */
  readonly gauges: Gauges = new Gauges();
  zombies = 0;
  isLost = false;
  isUnflushed = false;
  /** How handles of it reach it, from this thread. */
  readonly contact: Contact;
  /** Is told how long jobs have the thread; see `CallerEvents`. */
  onJobTime: NonNullable<CallerEvents['onJobTime']> = () => {};
  readonly questions: Questions = new Questions(systemClock, () => this.readArrived());
  /** Resolves when the thread has ended as it was asked to; rejects with what ended it otherwise. */
  readonly ended: Deferred<void> = deferred<void>();
  readonly #thread: Thread;
  readonly #events: LoopThreadEvents;
  readonly #shutdown = new Shutdown(systemClock, this);
  #ready = false;
  #bye = false;
  #ending = false;
  /** Somebody has called close(), and hears from it how it ended. */
  #closeAwaited = false;
  #terminated = false;
  /** Why the loop is being ended from here although nobody closed it. */
  #failure: Error | undefined;
  #failureTold = false;
  #closeError: Error | undefined;
  readonly #startLimit: TimerEntry;

  constructor(
    options: CompleteLoopOptions,
    setup: PackedJob | undefined,
    teardown: PackedJob | undefined,
    events: LoopThreadEvents,
  ) {
    const { name, startTimeoutMs } = options;
    this.name = name;
    this.debug = options.debug;
    this.#events = events;
    let thread!: Thread;
    const open = (receiver: Receiver, rings: InitRings | undefined): PortTransport => {
      const luggage = new Luggage(options, setup, teardown, rings, this.gauges.buffers);
      try {
        thread = new Thread(options, luggage, receiver, (code, fatal) => this.#onExit(code, fatal));
        return thread.transport;
      } catch (error) {
        luggage.drop();
        throw error;
      }
    };
    this.link = new CallerLink(
      (handler) => connect(handler, open, options, () => this.link.size > 0),
      this,
      options.maxQueue,
      new Sampler(systemClock),
    );
    this.#thread = thread;
    this.contact = remember(
      new Contact(thread.threadId, name, (port) => this.link.connection.lane.sendAside([Op.Connect, port])),
    );
    this.contact.host = this;
    this.holds = new Holds(thread);
    this.ended.promise.catch(() => {});
    const end = systemClock.now() + startTimeoutMs;
    this.#startLimit = this.timeouts.add(end, () =>
      this.fail(startTimeoutError(name, startTimeoutMs), 'terminate', false),
    );
    addLiveLoop(this);
  }

  get state(): LoopState {
    if (this.#shutdown.isEnded) return 'closed';
    if (!this.#shutdown.isOpen || this.#bye) return 'closing';
    return this.#ready ? 'running' : 'starting';
  }

  get isClosed(): boolean {
    return !this.#shutdown.isOpen || this.#bye;
  }

  get threadId(): number {
    return this.#thread.threadId;
  }

  get hasBegun(): boolean {
    return this.#thread.hasBegun;
  }

  get utilization(): EventLoopUtilization {
    return this.#thread.utilization;
  }

  mustTakeWork(): void {
    if (this.link.size === 0) this.#events.onBusy();
    if (this.isClosed) throw closedError(this.name, this.state, this.#failure);
  }

  /** End as `stop()` does: nobody is given the outcome. */
  onStopRequest(): void {
    this.#end('drain', Infinity);
  }

  /** No defaults here: one would be looked up on `Object.prototype`, which may be polluted. */
  close({ mode, graceMs }: { readonly mode: CloseMode; readonly graceMs: number }): Promise<void> {
    // What has ended by itself is closed, and its error was told then.
    if (this.#shutdown.isEnded) return intrinsics.Promise.resolve();
    this.#closeAwaited = true;
    this.#end(mode, graceMs);
    return this.ended.promise;
  }

  /** End everything because of an error; `told`: its owner knows it already. */
  fail(error: Error, mode: CloseMode, told: boolean): void {
    this.#failure ??= error;
    this.#failureTold ||= told;
    this.#end(mode, defaultGraceMs);
  }

  async flushOutput(): Promise<void> {
    if (this.state === 'running') await flushOutput(this.link, this.questions, this.holds);
  }

  readonly report: CallHost['report'] = (error, origin, job, carried) =>
    this.#events.onError(error, { origin, loop: this.name, job, carried: byName(carried) });

  readonly onConnect: CallerEvents['onConnect'] = introduceToMain;
  readonly interrupt: CallHost['interrupt'] = ({ id }, tell) => interrupt(this.threadId, id, tell);

  readonly stuck: CallHost['stuck'] = (call) => this.fail(stuckError(this.name, call), 'terminate', false);
  readonly readArrived = (): void => this.link.readArrived();

  onReady(): void {
    this.#ready = true;
    this.timeouts.remove(this.#startLimit);
  }

  readonly onUnhandled: CallerEvents['onUnhandled'] = (origin, job, error, carried) =>
    this.report(errorOf(error, job ?? 'the background', this.name), origin, job, carried);

  readonly onSlow: CallerEvents['onSlow'] = (job, ms) => this.#events.onSlow(job, ms);

  onAnswer(request: number, answer: unknown): void {
    this.questions.answer(request, answer);
  }

  onBye(thrown: WireThrown | undefined): void {
    this.#bye = true;
    if (thrown === undefined) return;
    const cause = errorOf(thrown, this.#ready ? 'the teardown' : 'the setup', this.name);
    // A setup that close() has cancelled ended as it was asked to.
    if (cause instanceof CancelledError && !this.#shutdown.isOpen) return;
    if (this.#ready) this.#closeError = cause;
    else this.#failure ??= setupError(this.name, cause);
  }

  drain(): void {
    this.link.send([Op.Close, 'drain']);
  }

  cancel(): void {
    this.link.cancelAll(new CancelledError(`loop '${this.name}' was closed`));
    this.link.send([Op.Close, 'cancel']);
  }

  terminate(timedOut: boolean): void {
    if (timedOut) this.#closeError = closeTimeoutError(this.name, this.link.calls());
    this.#terminated = true;
    this.#thread.terminate();
  }

  abandon(): void {
    this.#thread.unref();
    countLostThread();
    this.isLost = true;
    this.#events.onLost();
    this.#onExit(-1, abandonedError(this.name));
  }

  #onExit(code: number, fatal: Error | undefined): void {
    if (this.#shutdown.isEnded) return;
    this.link.readArrived();
    this.link.end(!this.isLost);
    const asked = this.#bye || this.#terminated;
    if (!asked) this.#failure ??= crashError(this.name, this.#ready, code, fatal);
    const failure = this.#failure;
    const problem = failure ?? this.#closeError;
    const waiting = this.link.calls().some((call) => call instanceof JobRun && !call.done);
    const told = this.#closeAwaited || this.#failureTold || waiting;
    this.#shutdown.ended();
    this.contact.gone();
    this.timeouts.clear();
    removeLiveLoop(this);
    this.link.gone((call) => lostCallError(this.name, call, failure, this.#closeError));
    this.questions.giveUp();
    if (problem !== undefined && !told) this.report(problem, 'crash', undefined, undefined);
    if (problem === undefined) this.ended.resolve();
    else this.ended.reject(problem);
    this.#events.onExit(code, problem);
  }

  #end(mode: CloseMode, graceMs: number): void {
    if (!this.#ending && !this.#shutdown.isEnded) {
      this.#ending = true;
      this.holds.acquire();
    }
    this.#shutdown.request(mode, graceMs);
  }
}
