import type { Clock } from '../base/clock.ts';
import { LoopClosedError, LoopCrashedError } from '../base/errors.ts';
import { loopInternals } from '../host/loop-internals.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import { Dispatch } from './dispatch.ts';
import { IdleWatch, type IdleWatchHost } from './idle-watch.ts';
import { inspectMember, winBack } from './inspect-member.ts';
import { JobKind } from './job-kind.ts';
import { Member, type RunCall } from './member.ts';
import type { CompletePoolOptions } from './pool-options.ts';
import type { PoolRun } from './pool-run.ts';
import { PoolGauges } from './pool-gauges.ts';
import { Replacements } from './replacements.ts';
import { Sizing } from './sizing.ts';
import { Watch, type Look } from './watch.ts';

/** Of a call whose job was never measured. */
const unknownKind = new JobKind();

/** What a crew tells its pool. */
export interface CrewEvents {
  /** Make a loop; `number` counts them. May throw. */
  makeLoop(number: number): WorkerLoop;
  onRestart(loop: string, error: Error | undefined): void;
  /** Too many loops have ended, or all: `why` in words. `told`: a call was rejected with the end of the last one. */
  onBroken(why: string, error: Error | undefined, told: boolean): void;
  /** A call has settled, or a loop is gone: there may be room, or nothing left to wait for. */
  onChange(): void;
}

/**
 * The loops of a pool and the calls that they have: starts them, gives them calls as the dispatch says, replaces those that
 * end as the supervisor says, and takes back what they leave behind.
 */
export class Crew implements IdleWatchHost {
  readonly dispatch: Dispatch<PoolRun<unknown>, Member>;
  readonly replacements: Replacements;
  readonly members: Set<Member> = new Set();
  readonly #options: CompletePoolOptions;
  readonly #clock: Clock;
  readonly #events: CrewEvents;
  readonly watch: Watch;
  readonly #sizing: Sizing;
  readonly #idleWatch: IdleWatch;
  readonly #canShrink: boolean;
  #made = 0;
  #ended = false;
  readonly gauges: PoolGauges;
  settled = 0;
  reruns = 0;

  constructor(options: CompletePoolOptions, clock: Clock, events: CrewEvents) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.gauges = new PoolGauges(clock);
    this.dispatch = new Dispatch((call, member) => this.#assign(call, member));
    this.#sizing = new Sizing(options);
    this.#idleWatch = new IdleWatch(clock, this.#sizing, this);
    this.#canShrink = options.min < options.max;
    this.watch = new Watch(clock, (now) => this.#look(now));
    const { members } = this;
    const sizing = this.#sizing;
    this.replacements = new Replacements(options.restart, clock, {
      add: () => void this.#add(),
      reduce: () => sizing.reduce(),
      get loops() {
        return members.size;
      },
      onRestart: (loop, error) => events.onRestart(loop, error),
      onBroken: (why, error, told) => events.onBroken(why, error, told),
    });
  }

  /** Calls that a loop has. */
  get inFlight(): number {
    let count = 0;
    for (const { seat } of this.members) count += seat.inFlight.size;
    return count;
  }

  /** Those that take calls. */
  get loops(): WorkerLoop[] {
    return [...this.members].filter(({ takesCalls }) => takesCalls).map(({ loop }) => loop);
  }

  /** A call of an unknown job would not have to wait. */
  get hasRoom(): boolean {
    return this.dispatch.waiting === 0 && this.dispatch.seats.some((seat) => seat.hasRoomFor(unknownKind, 0));
  }

  inFlightRuns(): PoolRun<unknown>[] {
    return [...this.members].flatMap(({ seat }) => [...seat.inFlight].map(({ payload }) => payload));
  }

  start(): void {
    while (this.members.size < this.#options.min) this.#add();
  }

  submit(run: PoolRun<unknown>): void {
    const wish = { at: this.#clock.now(), priority: run.priority, key: run.affinity };
    run.call = this.dispatch.submit(run.job, run, wish);
    if (this.dispatch.waiting > 0) this.watch.wake();
  }

  /** Give up everything that waits, in order. */
  clear(): PoolRun<unknown>[] {
    return this.dispatch.clear().map(({ payload }) => payload);
  }

  /** Nothing is taken back, and no loop replaced, from now on. */
  end(): void {
    this.#ended = true;
    this.#idleWatch.stop();
    this.replacements.stop();
  }

  #add(): Member {
    const loop = this.#events.makeLoop(++this.#made);
    const member: Member = new Member(
      loop,
      this.#clock.now(),
      (joining) => this.dispatch.join(joining, this.#options.concurrency),
      (call) => this.#answered(call, member),
    );
    this.members.add(member);
    loop.on('exit', (_code, error) => this.#exited(member, error));
    loopInternals.hearJobTimes(loop, (job, us) => {
      this.dispatch.measured(job, us);
      this.#events.onChange();
    });
    // A loop keeps what it is given until it is ready.
    this.dispatch.ready(member.seat);
    return member;
  }

  #assign(call: RunCall, member: Member): void {
    const { seat, loop } = member;
    // A getter in an argument of another has cancelled it while it was being put in line.
    if (call.payload.done) return this.dispatch.settled(seat, call);
    member.given++;
    this.gauges.assigned(call.since, seat.inFlight.size === 1);
    call.payload.sendTo(loop, call, member.onAnswer);
    if (seat.occupying > 1) this.watch.wake();
    if (member.given >= this.#options.maxJobsPerLoop) this.#retire(member);
  }

  #answered(call: RunCall, member: Member): void {
    const run = call.payload;
    // It was won back.
    if (!run.isAnswered) return;
    const { error } = run;
    let isOver = true;
    if (member.loop.isClosed && (error instanceof LoopCrashedError || error instanceof LoopClosedError)) {
      const isFirst = member.seat.state !== 'gone';
      // Before anything else is given to this loop. Its end is told later.
      this.dispatch.lost(member.seat);
      if (this.#runAgain(call, member, isFirst)) return;
      member.isMourned = true;
    } else if (run.place === 'onThread') {
      // Its time is over, and the thread is not free for that.
      isOver = false;
      member.zombies.add(call);
      winBack(this.dispatch, member);
      this.watch.wake();
    } else {
      this.dispatch.settled(member.seat, call);
    }
    this.settled++;
    run.takeOver();
    if (isOver) run.letGo();
    if (this.#canShrink && member.seat.inFlight.size === 0) this.#idleWatch.becameIdle(member);
    const { maxHeapBytesPerLoop } = this.#options;
    if (maxHeapBytesPerLoop !== Infinity && this.gauges.heapUsed(member.loop) > maxHeapBytesPerLoop)
      this.#retire(member);
    if (member.seat.state === 'gone') this.#close(member);
    this.#events.onChange();
  }

  #runAgain(call: RunCall, member: Member, isFirst: boolean): boolean {
    if (this.#ended || !call.payload.mayRunAgain(isFirst)) return false;
    call.payload.comeBack();
    this.reruns++;
    this.dispatch.takeBack(member.seat, [call]);
    return true;
  }

  /** The loop has had its share of calls: another takes its place, and it ends with those that it has. */
  #retire(member: Member): void {
    if (member.isLeaving || member.seat.state === 'gone') return;
    member.isLeaving = true;
    this.dispatch.leave(member.seat);
    this.replacements.replaceSoon();
    if (member.seat.inFlight.size === 0) this.#close(member);
  }

  /** Loops that take calls, those that will, and those that have ended and may be replaced. */
  get size(): number {
    return this.replacements.waiting + [...this.members].filter(({ isLeaving }) => !isLeaving).length;
  }

  idleMembers(): Member[] {
    return [...this.members].filter(({ isIdle }) => isIdle);
  }

  giveUp(member: Member): void {
    this.dispatch.leave(member.seat);
    this.#close(member);
  }

  /** Close a loop that has nothing left to do. */
  #close(member: Member): void {
    if (member.loop.isClosed) return;
    member.isLeaving = true;
    // What its teardown throws is told as an error of the loop.
    member.loop.close().catch(() => {});
  }

  #exited(member: Member, error: Error | undefined): void {
    this.dispatch.lost(member.seat);
    this.members.delete(member);
    this.gauges.left(member.loop);
    const how = loopInternals.isLost(member.loop) ? 'lost' : error === undefined ? 'stopped' : 'crash';
    const ended = { loop: member.loop.name, error, told: member.isMourned };
    this.replacements.ended(how, ended, !member.isLeaving && !this.#ended);
    this.#events.onChange();
  }

  #look(now: number): Look {
    let changed = false;
    let goOn = this.dispatch.waiting > 0;
    for (const member of this.members) {
      changed = inspectMember(this.dispatch, member, now) || changed;
      goOn ||= member.zombies.size > 0 || member.seat.occupying > 1;
      if (member.seat.state === 'gone') this.#close(member);
    }
    if (changed) this.#events.onChange();
    if (!this.#ended && this.#sizing.grows(now, this.size, this.dispatch.waiting)) this.replacements.grow();
    return { goOn: goOn && !this.#ended ? true : this.dispatch.waiting > 0, changed };
  }
}
