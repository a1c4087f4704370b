import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { Dispatch } from 'offloop-internal/pool/dispatch.js';
import type { PoolCall } from 'offloop-internal/pool/pool-call.js';
import { RingBuffer } from 'offloop-internal/base/ring-buffer.js';
import type { Seat } from 'offloop-internal/pool/seat.js';

/** A job of the simulation, in µs: it runs, and where `awaits` is given, awaits that long and runs `later`. */
export interface SimJob {
  readonly name: string;
  readonly us: number;
  readonly awaits?: number;
  readonly later?: number;
}

/** Costs in µs, as measured on a virtual machine. */
const cost = {
  /** Until a parked thread runs. */
  wake: 40,
  /** A message to a thread that is awake. */
  travel: 15,
  /** A reply until the caller takes it in. */
  reply: 30,
  /** A thread without work stays awake so long. */
  spin: 50,
} as const;

interface SimCall {
  readonly job: SimJob;
  readonly done: (() => void) | undefined;
}

type Call = PoolCall<SimCall>;

/** A loop in virtual time: one thing at a time, in order; what awaits comes back behind the others. */
class SimLoop {
  seat: Seat<SimCall, SimLoop> | undefined;
  calls = 0;
  wakes = 0;
  busyUs = 0;
  readonly #pool: SimPool;
  readonly #inbox = new RingBuffer<() => void>();
  #state: 'parked' | 'waking' | 'spinning' | 'busy' = 'parked';
  #idleSince = 0;
  /** The jobs of which it has told how long they take: that does not change here. */
  readonly #told = new Set<string>();

  constructor(pool: SimPool) {
    this.#pool = pool;
  }

  post(call: Call): void {
    this.calls++;
    if (this.#state === 'parked') {
      this.#state = 'waking';
      this.wakes++;
      this.#pool.after(cost.wake, () => this.#next());
    }
    this.#enter(this.#state === 'waking' ? 0 : cost.travel, () => this.#run(call));
  }

  #enter(delay: number, work: () => void): void {
    const arrive = (): void => {
      this.#inbox.push(work);
      if (this.#state === 'parked' || this.#state === 'spinning') this.#next();
    };
    if (delay === 0) arrive();
    else this.#pool.after(delay, arrive);
  }

  #next(): void {
    const work = this.#inbox.shift();
    if (work === undefined) return this.#idle();
    this.#state = 'busy';
    work();
  }

  #idle(): void {
    this.#state = 'spinning';
    const since = this.#pool.us();
    this.#idleSince = since;
    this.#pool.after(cost.spin, () => {
      if (this.#state !== 'spinning' || this.#idleSince !== since) return;
      this.#state = 'parked';
      this.#pool.tell((dispatch, seat) => dispatch.parked(seat), this);
    });
  }

  #run(call: Call): void {
    const { name, us, awaits, later } = call.payload.job;
    this.#work(us, () => {
      if (!this.#told.has(name)) this.#pool.tell((dispatch) => dispatch.measured(name, us), this);
      this.#told.add(name);
      if (awaits === undefined) return this.#pool.settled(this, call);
      this.#pool.tell((dispatch, seat) => dispatch.suspended(seat, call), this);
      const resume = (): void => this.#work(later ?? 0, () => this.#pool.settled(this, call));
      this.#enter(awaits, resume);
    });
  }

  #work(us: number, then: () => void): void {
    this.busyUs += us;
    this.#pool.after(us, () => {
      then();
      this.#next();
    });
  }
}

/** A pool of such loops; the caller's thread takes in replies only while it does not submit. */
export class SimPool {
  readonly loops: SimLoop[] = [];
  /** When the last call had its reply. */
  endUs = 0;
  settledCalls = 0;
  readonly #clock = new FakeClock(0);
  readonly #dispatch = new Dispatch<SimCall, SimLoop>((call, loop) => loop.post(call));
  #callerFreeAt = 0;

  constructor(loops: number) {
    for (let i = 0; i < loops; i++) {
      const loop = new SimLoop(this);
      this.loops.push(loop);
      loop.seat = this.#dispatch.join(loop);
      this.#dispatch.ready(loop.seat);
      this.#dispatch.parked(loop.seat);
    }
  }

  us(): number {
    return this.#clock.now() * 1000;
  }

  after(us: number, fire: () => void): void {
    this.#clock.setTimer(us / 1000, fire);
  }

  /** Submit `jobs` one after the other, each of which takes the caller `us`; `done` is told of each reply. */
  submit(jobs: readonly SimJob[], us: number, done?: () => void): void {
    this.#callerFreeAt = Math.max(this.#callerFreeAt, this.us()) + us * jobs.length;
    for (const [index, job] of jobs.entries())
      this.after(us * index, () => void this.#dispatch.submit(job.name, { job, done }));
  }

  /** Something that a loop says reaches the caller, when it has the time. */
  tell(what: (dispatch: Dispatch<SimCall, SimLoop>, seat: Seat<SimCall, SimLoop>) => void, loop: SimLoop): void {
    const arrive = (): void => {
      if (this.us() < this.#callerFreeAt - 1e-6) this.after(this.#callerFreeAt - this.us(), arrive);
      else if (loop.seat !== undefined) what(this.#dispatch, loop.seat);
    };
    this.after(cost.reply, arrive);
  }

  settled(loop: SimLoop, call: Call): void {
    this.tell((dispatch, seat) => {
      this.settledCalls++;
      this.endUs = this.us();
      dispatch.settled(seat, call);
      call.payload.done?.();
    }, loop);
  }

  /** Let time pass until nothing happens any more. */
  run(): this {
    this.#clock.advance(1e6);
    return this;
  }

  /** The share of the calls that the loop with most of them had. */
  get largestShare(): number {
    return Math.max(...this.loops.map((loop) => loop.calls)) / this.settledCalls;
  }

  get wakes(): number {
    return this.loops.reduce((sum, loop) => sum + loop.wakes, 0);
  }
}
