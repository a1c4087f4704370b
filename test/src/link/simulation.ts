// Both ends of a link in one thread, with everything that is time or chance in the hands of the test: messages are
// delivered one at a time, ends of turns happen when the test says so, and jobs end when the test lets them.
import { Future } from 'offloop-internal/asyncio/future.js';
import { allTasks } from 'offloop-internal/asyncio/task.js';
import { CancelledError } from 'offloop-internal/base/errors.js';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { GuestLink } from 'offloop-internal/guest/guest-link.js';
import { Guard } from 'offloop-internal/guest/guard.js';
import { JobModules, type JobFunction } from 'offloop-internal/guest/job-modules.js';
import { CallerLink } from 'offloop-internal/link/caller-link.js';
import type { CallerEvents } from 'offloop-internal/link/caller-events.js';
import { GuestPoll } from 'offloop-internal/guest/guest-poll.js';
import { CallerPoll } from 'offloop-internal/link/caller-poll.js';
import { Doorbell } from 'offloop-internal/link/doorbell.js';
import type { Connection, FrameHandler, Lane } from 'offloop-internal/link/lane.js';
import { BatchInbox } from 'offloop-internal/link/batch-inbox.js';
import { BatchWriter } from 'offloop-internal/link/batch.js';
import { RecordInbox } from 'offloop-internal/link/record-inbox.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import { Spin } from 'offloop-internal/link/spin.js';
import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import { TickEnd } from 'offloop-internal/link/tick-end.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { Op, type CallerFrame, type GuestFrame, type TaskInfo } from 'offloop-internal/wire/frames.js';

import { Wire } from './wire.ts';

type Defer = (fn: () => void) => void;

/** A job that waits for the test to end it. */
interface Gate {
  readonly tag: number;
  open(): void;
  fail(): void;
}

export const slowUrl = 'test:slow';
export const fastUrl = 'test:fast';

export class Simulation {
  readonly clock = new FakeClock();
  readonly toGuest = new Wire();
  readonly toCaller = new Wire();
  readonly caller: CallerLink;
  readonly guest: GuestLink;
  /** The tags of the calls whose function was called, in order. */
  readonly started: number[] = [];
  /** The tags of the generators whose finally block has run. */
  readonly cleaned: number[] = [];
  readonly gates: Gate[] = [];
  readonly events: string[] = [];
  /** Ends of turns that are due, on both sides, and next turns of the guest. */
  readonly due: (() => void)[] = [];
  readonly lane: 'port' | 'ring';
  readonly tickEnd = new TickEnd({ nextTick: (fn) => void this.due.push(fn), soon: (fn) => void this.due.push(fn) });
  #looks = 0;
  /** Its thread has ended. */
  guestIsDead = false;
  /** The caller's side looks out for replies. */
  mayCallerSpin = false;
  /** Small, so that they are full and wrap often. */
  readonly #rings = { toGuest: makeRing(2560), toCaller: makeRing(2560) };
  #opened = false;
  readonly #slowLoads: (() => void)[] = [];

  constructor(maxQueue = 1000, slowCallbackMs = Infinity, lane: 'port' | 'ring' = 'port') {
    this.lane = lane;
    const defer = (fn: () => void): void => void this.due.push(fn);
    this.caller = new CallerLink(
      (handler) => (lane === 'port' ? this.#portCaller(handler, defer) : this.#ringCaller(handler, defer)),
      this.#callerEvents(),
      maxQueue,
    );
    const load = (url: string): Promise<Record<string, JobFunction>> =>
      new Promise((resolve) => {
        if (url === fastUrl) resolve(this.#jobs());
        else this.#slowLoads.push(() => resolve(this.#jobs()));
      });
    const connectGuest = (handler: FrameHandler<CallerFrame>): Lane<GuestFrame> => {
      if (lane === 'ring') return this.#ringGuest(handler, defer);
      this.toGuest.receiver = new BatchInbox(handler);
      return new RecordLane<GuestFrame>(new BatchWriter(this.toCaller), this.toCaller, defer);
    };
    this.guest = new GuestLink(connectGuest, {
      clock: this.clock,
      modules: new JobModules(this.clock, 1e9, load),
      nextTurn: defer,
      guard: new Guard(),
      times: { begun: () => this.clock.now(), ended: () => {} },
      slowCallbackMs,
      onFlush: (request) => this.guest.lane.send([Op.Flushed, request]),
      onClose: (mode) => this.#onClose(mode),
      onIdle: () => this.events.push('guest idle'),
    });
  }

  #portCaller(handler: FrameHandler<GuestFrame>, defer: Defer): Connection<CallerFrame> {
    const inbox = new BatchInbox(handler);
    this.toCaller.receiver = inbox;
    const lane = new RecordLane<CallerFrame>(new BatchWriter(this.toGuest), this.toGuest, defer);
    return {
      lane,
      get garbage() {
        return inbox.garbage;
      },
      expect() {},
      readArrived() {},
      park: () => true,
      isConnected: () => !this.guestIsDead,
      end() {},
    };
  }

  #ringCaller(handler: FrameHandler<GuestFrame>, defer: Defer): Connection<CallerFrame> {
    const reader = new RingReader(this.#rings.toCaller);
    const inbox = new RecordInbox(reader, handler, () => poll.bell());
    this.toCaller.receiver = inbox;
    inbox.connect(this.#transport(this.toGuest, this.toCaller));
    const doorbell = new Doorbell(this.toGuest, { clock: this.clock, nextTick: defer, tickEnd: this.tickEnd });
    const lane = new RecordLane<CallerFrame>(new RingWriter(this.#rings.toGuest), doorbell, defer);
    const poll: CallerPoll = new CallerPoll(reader, inbox, lane, {
      // Time passes at each look, or who spins would wait for ever.
      clock: { now: () => (this.#looks += 0.001), setTimer: (ms, fire) => this.clock.setTimer(ms, fire) },
      nextTick: defer,
      nextTurn: defer,
      spin: new Spin(0.05, () => this.mayCallerSpin),
      isExpecting: () => this.caller.size > 0,
    });
    return {
      lane,
      get garbage() {
        return inbox.garbage;
      },
      expect: () => poll.expect(),
      readArrived: () => {
        this.toCaller.drain();
        poll.readArrived();
      },
      park: () => reader.park(),
      isConnected: () => !this.guestIsDead,
      end() {},
    };
  }

  #ringGuest(handler: FrameHandler<CallerFrame>, defer: Defer): Lane<GuestFrame> {
    const reader = new RingReader(this.#rings.toGuest);
    const inbox = new RecordInbox(reader, handler, () => poll.bell());
    this.toGuest.receiver = inbox;
    inbox.connect(this.#transport(this.toCaller, this.toGuest));
    const lane = new RecordLane<GuestFrame>(new RingWriter(this.#rings.toCaller), this.toCaller, defer);
    const turn: Defer = (fn) => defer(() => (this.guestIsDead ? undefined : fn()));
    const poll: GuestPoll = new GuestPoll(reader, inbox, lane, {
      clock: this.clock,
      again: turn,
      nextTurn: turn,
      spin: new Spin(0, () => true),
      isIdle: () => this.guest.isSettled,
      goesOn: () => this.guest.goesOn,
      onAwake: () => {},
    });
    return lane;
  }

  /** What one side posts to, and fetches from. */
  #transport(to: Wire, from: Wire): Transport {
    return {
      post: (message, transfer) => to.post(message, transfer),
      bell: () => to.bell(),
      drain: () => from.drain(),
    };
  }

  /** The setup of the loop is done. */
  open(): void {
    if (!this.#opened) this.guest.open();
    this.#opened = true;
  }

  loadSlow(): void {
    for (const each of this.#slowLoads.splice(0)) each();
  }

  /** Run one end of a turn, if one is due. */
  endTurn(): void {
    this.due.shift()?.();
  }

  /** Let promises that are settled run their reactions. */
  promises(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Deliver everything and end all turns, with what comes of it. */
  flow(): void {
    while (this.due.length + this.toGuest.queue.length + this.toCaller.queue.length > 0) {
      this.endTurn();
      this.toGuest.deliver();
      this.toCaller.deliver();
    }
  }

  /** Let everything happen that can happen; jobs that wait for the test are let go. */
  async settle(rounds = 12): Promise<void> {
    this.open();
    this.loadSlow();
    for (let round = 0; round < rounds; round++) {
      this.flow();
      this.clock.advance(1000);
      for (const gate of this.gates.splice(0)) gate.open();
      await this.promises();
    }
  }

  #callerEvents(): CallerEvents {
    const note = (name: string) => (): void => void this.events.push(name);
    return {
      onReady: note('ready'),
      onUnhandled: note('unhandled'),
      onSlow: (job, ms) => void this.events.push(`slow ${job} ${ms}`),
      onAnswer: (request, answer) =>
        void this.events.push(
          Array.isArray(answer)
            ? `tasks ${request}: ${(answer as TaskInfo[]).map(({ name, state }) => `${name} ${state}`).join(', ')}`
            : `flushed ${request}`,
        ),
      onStopRequest: note('stop'),
      onBye: note('bye'),
      onConnect: note('connect'),
    };
  }

  /** What Lifetime does with a Close frame. */
  #onClose(mode: 'drain' | 'cancel'): void {
    if (mode === 'cancel') for (const task of allTasks()) task.cancel(new CancelledError('the loop was closed'));
    this.guest.dropWaiting(mode === 'cancel');
  }

  #gate(tag: number): Future<number> {
    const { future, resolve, reject } = Future.withResolvers<number>();
    this.gates.push({ tag, open: () => resolve(tag), fail: () => reject(new Error(`${tag} failed`)) });
    return future;
  }

  #jobs(): Record<string, JobFunction> {
    const { started, cleaned, clock } = this;
    const job =
      <R>(body: (tag: number) => R): JobFunction =>
      (tag) => {
        started.push(tag as number);
        return body(tag as number);
      };
    return {
      value: job((tag) => tag),
      async: job(async (tag) => tag),
      slow: job((tag) => {
        clock.advance(2);
        return tag;
      }),
      fail: job((tag) => {
        throw new Error(`${tag} failed`);
      }),
      map: job((tag) => new Map([['tag', tag]])),
      uncloneable: job((tag) => ({ tag, fn: () => tag })),
      // Awaits nothing of ours: a cancel cannot be seen.
      foreign: job(
        (tag) =>
          new Promise((resolve, reject) =>
            this.gates.push({ tag, open: () => resolve(tag), fail: () => reject(new Error(`${tag} failed`)) }),
          ),
      ),
      ours: job(async (tag) => await this.#gate(tag)),
      stubborn: job(async (tag) => {
        await this.#gate(tag).catch(() => {});
        return tag;
      }),
      stream: job(async function* (tag) {
        try {
          for (let at = 0; at < 4; at++) yield at % 2 === 0 ? { tag, at } : new Map(Object.entries({ tag, at }));
        } finally {
          cleaned.push(tag);
        }
        return tag;
      }),
    };
  }
}
