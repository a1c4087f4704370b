import type { CarriedValues } from '../base/carriers.ts';
import { systemClock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { CancelledError } from '../base/errors.ts';
import { TimerQueue, type TimerEntry } from '../base/timer-queue.ts';
import { channels } from '../host/channels.ts';
import { Coroutine, takeCoroutine } from '../host/coroutine.ts';
import type { CloseOptions } from '../host/loop-types.ts';
import { loopInternals } from '../host/loop-internals.ts';
import { WorkerLoop } from '../host/worker-loop.ts';
import type { JobName } from '../link/call-request.ts';
import { Holds } from '../link/holds.ts';
import type { Broadcast } from './broadcast.ts';
import { closeLoops } from './close-pool.ts';
import { Crew, type CrewEvents } from './crew.ts';
import { KeepAlive } from './keep-alive.ts';
import type { RunCall } from './member.ts';
import { brokenError, droppedError, poolClosedError, poolFullError } from './pool-errors.ts';
import type { CompletePoolOptions } from './pool-options.ts';
import type { PoolRun, PoolRunHost } from './pool-run.ts';
import type { PoolState } from './pool-types.ts';

/** What happens in a pool that concerns its owner. */
export interface PoolCoreEvents {
  /** A loop was made: listen to it. */
  onLoop(loop: WorkerLoop): void;
  onRestart(loop: string, error: Error | undefined): void;
  /** `told`: a call has been rejected with it. */
  onBroken(error: Error, told: boolean): void;
  onUnobserved(error: unknown, job: string, carried: CarriedValues): void;
}

/** After the time of a drain, what is left gets so many milliseconds to clean up; as in `Shutdown`. */
const cancelMs = 1000;

/** While this thread is blocked and calls wait, so often their loops are looked at. */
const lookMs = 2;

interface Packed {
  readonly job: JobName;
  readonly args: readonly unknown[];
}

/** A pool without its face: what takes calls in, what keeps the process alive for them, and how it all ends. */
export class PoolCore implements PoolRunHost, CrewEvents {
  readonly name: string;
  readonly crew: Crew;
  readonly holds: Holds = new Holds(new KeepAlive());
  /** Run on each loop that starts. */
  readonly broadcasts: Broadcast<unknown>[] = [];
  readonly #options: CompletePoolOptions;
  readonly #events: PoolCoreEvents;
  readonly #timers = new TimerQueue(systemClock, false);
  readonly #setup: Packed | undefined;
  readonly #teardown: Packed | undefined;
  readonly blocking: PoolRunHost['blocking'] = {
    hosts: () => [...this.crew.members].map(({ loop }) => loopInternals.hostOf(loop)),
    look: () => this.#look(),
  };
  #state: PoolState = 'running';
  #broken: Error | undefined;
  #roomWanted: Deferred<void>[] = [];
  /** A close waits until the line is empty. */
  #emptyWanted: Deferred<void> | undefined;
  #closing: Promise<void> | undefined;
  #closingLoops: Promise<void> | undefined;

  constructor(options: CompletePoolOptions, events: PoolCoreEvents) {
    this.name = options.name;
    this.#options = options;
    this.#events = events;
    this.#setup = pack('setup', options.loop.setup);
    this.#teardown = pack('teardown', options.loop.teardown);
    this.crew = new Crew(options, systemClock, this);
    try {
      this.crew.start();
    } catch (error) {
      this.#closeLoops({ mode: 'terminate', graceMs: 0 }).catch(() => {});
      throw error;
    }
  }

  get state(): PoolState {
    return this.#state;
  }

  /** Take a call in, or settle it with what is in its way. */
  submit(run: PoolRun<unknown>): void {
    if (run.done) return;
    const { waiting } = this.crew.dispatch;
    if (this.#broken !== undefined) run.fail(this.#broken, false);
    else if (this.#state !== 'running') run.fail(poolClosedError(this.name, this.#state), false);
    else if (waiting >= this.#options.maxQueue && !this.crew.hasRoom) {
      const { maxQueue } = this.#options;
      run.fail(poolFullError(this.name, waiting, maxQueue), false);
      if (channels.poolFull.hasSubscribers)
        channels.poolFull.publish({ pool: this.name, job: run.job.name, waiting, maxQueue });
    } else this.crew.submit(run);
  }

  ready(): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#state !== 'running') return Promise.reject(poolClosedError(this.name, this.#state));
    if (this.#hasPlace()) return Promise.resolve();
    const room = deferred<void>();
    this.#roomWanted.push(room);
    this.hold(true);
    return room.promise.finally(() => this.hold(false));
  }

  /** Each stage waits for what it can wait for; a later, harder call goes on beside it, and both end with the last thread. */
  close(mode: NonNullable<CloseOptions['mode']>, graceMs: number): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    if (this.#state === 'running') this.#state = 'closing';
    this.#wakeReady(poolClosedError(this.name, this.#state));
    const step = this.#closeStep(mode, graceMs);
    this.#closing ??= this.#finish(step);
    return this.#closing;
  }

  hold(wanted: boolean): void {
    if (wanted) this.holds.acquire();
    else this.holds.release();
  }

  after(ms: number, fire: () => void): TimerEntry {
    return this.#timers.add(systemClock.now() + ms, fire);
  }

  forget(entry: TimerEntry): void {
    this.#timers.remove(entry);
  }

  withdraw(call: RunCall): boolean {
    const withdrawn = this.crew.dispatch.cancel(call);
    if (withdrawn) this.onChange();
    return withdrawn;
  }

  report(error: unknown, job: string, carried: CarriedValues): void {
    this.#events.onUnobserved(error, job, carried);
  }

  makeLoop(number: number): WorkerLoop {
    const { loop: options, name } = this.#options;
    const loop = new WorkerLoop({
      ...options,
      name: `${name}-${number}`,
      daemon: true,
      onUnhandled: 'emit',
      ...(this.#setup === undefined ? {} : { setup: unpack(this.#setup) }),
      ...(this.#teardown === undefined ? {} : { teardown: unpack(this.#teardown) }),
    });
    this.#events.onLoop(loop);
    for (const each of this.broadcasts) void each.runOn(loop);
    return loop;
  }

  onRestart(loop: string, error: Error | undefined): void {
    this.#events.onRestart(loop, error);
  }

  onBroken(why: string, cause: Error | undefined, told: boolean): void {
    if (this.#state !== 'running' && this.#state !== 'closing') return;
    const error = brokenError(this.name, why, cause);
    this.#broken = error;
    if (this.#state === 'running') this.#state = 'broken';
    this.crew.end();
    const lost = [...this.crew.inFlightRuns(), ...this.crew.clear()].filter(({ done }) => !done);
    for (const run of lost) run.fail(error, false);
    this.#wakeReady(error);
    this.#emptyWanted?.resolve();
    this.#events.onBroken(error, told || lost.length > 0);
    // Their ends are told to nobody: everything was settled with the error of the pool.
    this.#closeLoops({ mode: 'terminate', graceMs: 0 }).catch(() => {});
  }

  onChange(): void {
    if (this.#roomWanted.length > 0 && this.#hasPlace()) {
      // One for each place; who finds it taken waits again.
      for (const each of this.#roomWanted.splice(0)) each.resolve();
    }
    if (this.#emptyWanted !== undefined && this.crew.dispatch.waiting === 0) this.#emptyWanted.resolve();
  }

  /** A thread that is blocked has no turns and no timers. */
  #look(): number {
    this.crew.watch.lookNow();
    this.#timers.fireDue();
    return Math.min(this.#timers.msToNext(), this.crew.dispatch.waiting > 0 ? lookMs : Infinity);
  }

  #hasPlace(): boolean {
    return this.crew.dispatch.waiting < this.#options.maxQueue || this.crew.hasRoom;
  }

  #wakeReady(error: Error): void {
    for (const each of this.#roomWanted.splice(0)) each.reject(error);
  }

  async #finish(step: Promise<void>): Promise<void> {
    this.hold(true);
    try {
      await step;
      // A harder step that came later.
      await this.#closingLoops;
    } finally {
      this.#state = 'closed';
      this.#timers.clear();
      this.hold(false);
    }
  }

  async #closeStep(mode: NonNullable<CloseOptions['mode']>, graceMs: number): Promise<void> {
    if (mode !== 'drain') {
      this.#drop(mode === 'cancel' ? new CancelledError(`pool '${this.name}' was closed`) : undefined);
      return this.#closeLoops({ mode, graceMs });
    }
    const deadline = systemClock.now() + graceMs;
    if (!(await this.#emptied(graceMs))) {
      this.#drop(new CancelledError(`pool '${this.name}' was closed, and the time of close() was over`));
      return this.#closeLoops({ mode: 'cancel', graceMs: cancelMs });
    }
    return this.#closeLoops({ mode, graceMs: Math.max(0, deadline - systemClock.now()) });
  }

  /** Wait until no call waits any more; false when the time was over first. */
  async #emptied(graceMs: number): Promise<boolean> {
    if (this.crew.dispatch.waiting === 0) return true;
    const empty = (this.#emptyWanted ??= deferred<void>());
    const timer = graceMs === Infinity ? undefined : this.after(graceMs, empty.resolve);
    await empty.promise;
    if (timer !== undefined) this.forget(timer);
    return this.crew.dispatch.waiting === 0;
  }

  /** Calls that wait never run. */
  #drop(error: CancelledError | undefined): void {
    for (const run of this.crew.clear()) run.fail(error ?? droppedError(this.name, run.job.name), true);
    this.#emptyWanted?.resolve();
  }

  #closeLoops(options: Required<CloseOptions>): Promise<void> {
    this.crew.end();
    const loops = [...this.crew.members].map(({ loop }) => loop);
    return (this.#closingLoops = closeLoops(loops, options));
  }
}

function pack(option: string, coroutine: Coroutine<unknown> | undefined): Packed | undefined {
  if (coroutine === undefined) return undefined;
  const { job, args } = takeCoroutine(`option ${option} of LoopPool`, coroutine);
  return { job, args };
}

/** A coroutine is one call, and each loop makes its own. */
function unpack({ job, args }: Packed): Coroutine<unknown> {
  return new Coroutine(job, args);
}
