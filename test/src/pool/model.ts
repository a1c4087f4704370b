import { Dispatch } from 'offloop-internal/pool/dispatch.js';
import type { JobKind } from 'offloop-internal/pool/job-kind.js';
import { KindTable } from 'offloop-internal/pool/kind-table.js';
import type { PoolCall } from 'offloop-internal/pool/pool-call.js';
import type { Seat } from 'offloop-internal/pool/seat.js';
import { expect } from 'vitest';

import { jobs, type Step } from './model-steps.ts';

/** A call as the model knows it. The call is in exactly one of the places that `where` tells. */
interface Entry {
  readonly order: number;
  readonly job: string;
  where: 'line' | 'occupies' | 'awaits' | 'handed back' | 'ended';
  loop: Loop | undefined;
  us: number;
  began: boolean;
  call?: PoolCall<Entry>;
}

interface Loop {
  readonly max: number;
  open: boolean;
  /** Still in the pool; one that leaves is until its last call has ended. */
  here: boolean;
  leaving: boolean;
  started: boolean;
  seat?: Seat<Entry, Loop>;
}

/** The same calls, in whatever order, have the same numbers. */
function numbers(entries: readonly Entry[]): string {
  return entries
    .map((each) => each.order)
    .sort((a, b) => a - b)
    .join(' ');
}

/** Tells a dispatch what the steps say, keeps its own books, and holds every assignment against the invariants. */
export class Model {
  readonly entries: Entry[] = [];
  /** Those that have not come to their end, or only in this step. */
  #live: Entry[] = [];
  readonly loops: Loop[] = [];
  readonly kinds = new KindTable(8);
  readonly dispatch: Dispatch<Entry, Loop> = new Dispatch<Entry, Loop>(
    (call, loop) => this.#assigned(call, loop),
    this.kinds,
  );

  /** Most of what can go wrong needs loops that work: the model begins with two, one of them with a small limit. */
  constructor() {
    for (const pick of [0, 2]) {
      this.step(['join', pick, '', 1]);
      this.step(['ready', pick / 2, '', 1]);
    }
  }

  #in(where: Entry['where'], loop?: Loop): Entry[] {
    return this.#live.filter((each) => each.where === where && (loop === undefined || each.loop === loop));
  }

  #has(loop: Loop): Entry[] {
    return this.#live.filter((each) => each.loop === loop);
  }

  #isIdle(loop: Loop): boolean {
    return loop.open && this.#in('occupies', loop).length === 0 && this.#has(loop).length < loop.max;
  }

  /** The table of rules, once more; of the loop's load `own` is that of the call itself. */
  #hasRoom(loop: Loop, { us, awaitsSoon }: JobKind, own: number = 0): boolean {
    const before = this.#in('occupies', loop);
    const work = before.reduce((sum, each) => sum + each.us, 0);
    if (!loop.open || this.#has(loop).length >= loop.max || before.length >= 4096) return false;
    if (before.length === 0 || work + us <= 200 || work <= 100) return true;
    const takes = (each: Loop): boolean => each.open && each !== loop && this.#has(each).length < each.max;
    const load = (loop.seat?.loadUs ?? 0) - own;
    const isLeast = this.loops.every((each) => !takes(each) || (each.seat?.loadUs ?? 0) >= load);
    if (awaitsSoon && isLeast && before.every((each) => each.us < 1000)) return true;
    return before.length === 1 && work < 1000 && us < 1000;
  }

  #assigned(call: PoolCall<Entry>, loop: Loop): void {
    const entry = call.payload;
    entry.call = call;
    expect(entry.where, 'a call is assigned from the line, once').toBe('line');
    expect(entry, 'first come, first served').toBe(this.#live.find((each) => each.where === 'line'));
    expect(loop.open, 'a loop that starts, leaves, is stuck or gone gets nothing').toBe(true);
    const before = this.#in('occupies', loop);
    const { us } = call.kind;
    expect(
      this.#hasRoom(loop, call.kind, call.chargedUs),
      'never beyond the window, never more than the link takes',
    ).toBe(true);
    const behindLong = before.some((each) => each.us >= 1000);
    expect(behindLong, 'nothing behind a long call').toBe(false);
    if (before.length > 0 && us >= 20)
      expect(
        this.loops.some((each) => this.#isIdle(each)),
        'not behind another while a loop is idle',
      ).toBe(false);
    Object.assign(entry, { where: 'occupies', loop, us: call.chargedUs, began: false });
    if (entry.job === 'bounces') this.#settle(entry, 1);
    if (entry.job === 'breeds' && this.entries.length < 1000) this.#submit('tiny');
  }

  #submit(job: string): void {
    const order = this.entries.length;
    const entry: Entry = { order, job, where: 'line', loop: undefined, us: 0, began: false };
    this.entries.push(entry);
    this.#live.push(entry);
    entry.call = this.dispatch.submit(this.#reference(entry), entry);
  }

  /** What calls of one kind have in common: those of 'new' have nothing. */
  #reference({ order, job }: Entry): unknown {
    return job === 'new' ? order : job;
  }

  /** A loop tells how long such calls have its thread. */
  #tell(entry: Entry, noise: number): void {
    if (noise > 0) this.dispatch.measured(this.#reference(entry), (jobs[entry.job] ?? 7) * noise);
  }

  #end(entry: Entry): void {
    const { loop } = entry;
    Object.assign(entry, { where: 'ended', loop: undefined });
    if (loop !== undefined && loop.leaving && this.#has(loop).length === 0) loop.here = false;
  }

  #heard(loop: Loop): void {
    if (loop.here && loop.started && !loop.leaving) loop.open = true;
  }

  #settle(entry: Entry, noise: number): void {
    const { call, loop } = entry;
    if (call === undefined || loop?.seat === undefined) return;
    this.#tell(entry, noise);
    this.#end(entry);
    this.#heard(loop);
    this.dispatch.settled(loop.seat, call);
  }

  step([what, pick, job, noise]: Step): void {
    const one = <T>(list: readonly T[]): T | undefined => list[pick % Math.max(1, list.length)];
    const loop = one(this.loops.filter((each) => each.here));
    const { dispatch } = this;
    if (what === 'join') {
      const made: Loop = {
        max: one([Infinity, Infinity, 3, 50]) ?? 1,
        open: false,
        here: true,
        leaving: false,
        started: false,
      };
      this.loops.push(made);
      made.seat = dispatch.join(made, made.max);
    } else if (what === 'submit') this.#submit(job);
    else if (what === 'flood') for (let i = 0; i < 1 + (pick % 300); i++) this.#submit(job === 'new' ? 'tiny' : job);
    else if (what === 'cancel') {
      const entry = noise === 3 ? this.#in('line')[0] : one(this.entries);
      if (entry?.call === undefined) return;
      const waits = entry.where === 'line';
      if (waits) this.#end(entry);
      expect(dispatch.cancel(entry.call), 'cancel() is true exactly for what waits').toBe(waits);
    } else if (what === 'clear') {
      if (noise !== 3) return;
      const waiting = this.#in('line');
      for (const entry of waiting) this.#end(entry);
      expect(numbers(dispatch.clear().map((call) => call.payload))).toBe(numbers(waiting));
    } else if (what === 'settle') {
      const entry = one(this.#live.filter((each) => each.loop !== undefined));
      if (entry !== undefined) this.#settle(entry, noise);
    } else if (what === 'stale') {
      const entry = one(this.entries);
      if (entry?.call === undefined || loop?.seat === undefined || entry.loop === loop) return;
      const { awaits } = entry.call.kind;
      dispatch.began(loop.seat, entry.call);
      dispatch.suspended(loop.seat, entry.call);
      dispatch.settled(loop.seat, entry.call);
      expect(entry.call.kind.awaits, 'old news teaches nothing').toBe(awaits);
    } else if (what === 'told') {
      const entry = pick % 2 === 0 ? this.#in('line')[0] : one(this.entries);
      if (entry !== undefined) this.#tell(entry, noise);
    } else if (loop?.seat !== undefined) this.#stepLoop(what, loop, loop.seat, pick, noise);
  }

  #stepLoop(what: Step[0], loop: Loop, seat: Seat<Entry, Loop>, pick: number, noise: number): void {
    const { dispatch } = this;
    const occupying = this.#in('occupies', loop);
    const entry = occupying[pick % Math.max(1, occupying.length)];
    if (what === 'ready') {
      loop.started = true;
      this.#heard(loop);
      dispatch.ready(seat);
    } else if (what === 'parked') {
      if (occupying.length === 0) this.#heard(loop);
      dispatch.parked(seat);
    } else if (what === 'leave') {
      Object.assign(loop, { open: false, leaving: true, here: this.#has(loop).length > 0 });
      dispatch.leave(seat);
    } else if (what === 'crash') {
      const had = this.#has(loop);
      const again = had.filter((each) => each.where === 'occupies' && !each.began && pick % 2 === 0);
      Object.assign(loop, { open: false, here: false });
      for (const each of had) Object.assign(each, { where: 'handed back', loop: undefined });
      const calls = dispatch.lost(seat);
      expect(numbers(calls.map((call) => call.payload)), 'all that it had, no more').toBe(numbers(had));
      this.#takeBack(seat, again);
    } else if (what === 'overran') {
      loop.open = false;
      const behind = occupying.filter((each) => !each.began);
      expect(numbers(dispatch.overran(seat).map((call) => call.payload))).toBe(numbers(behind));
      const won = behind.filter((each) => (each.order + pick) % 3 > 0);
      this.#takeBack(seat, won, loop);
    } else if (entry?.call !== undefined && what === 'began') {
      entry.began = true;
      this.#heard(loop);
      dispatch.began(seat, entry.call);
    } else if (entry?.call !== undefined && what === 'suspend') {
      this.#tell(entry, noise);
      entry.where = 'awaits';
      this.#heard(loop);
      dispatch.suspended(seat, entry.call);
    }
  }

  #takeBack(seat: Seat<Entry, Loop>, entries: Entry[], loop?: Loop): void {
    for (const entry of entries) Object.assign(entry, { where: 'line', loop: undefined });
    if (loop?.leaving === true && this.#has(loop).length === 0) loop.here = false;
    this.dispatch.takeBack(
      seat,
      entries.flatMap((each) => each.call ?? []),
    );
  }

  /** What holds between any two steps. */
  check(): void {
    this.#live = this.#live.filter((each) => each.where !== 'ended' && each.where !== 'handed back');
    const waiting = this.#in('line');
    expect(this.dispatch.waiting).toBe(waiting.length);
    expect(this.kinds.size).toBeLessThanOrEqual(8);
    expect(new Set(this.dispatch.seats).size).toBe(this.loops.filter((each) => each.here).length);
    for (const loop of this.loops) {
      const { seat } = loop;
      const occupying = this.#in('occupies', loop);
      const work = occupying.reduce((sum, each) => sum + each.us, 0);
      expect(seat?.isOpen).toBe(loop.open);
      expect(seat?.occupying).toBe(occupying.length);
      expect(seat?.workUs).toBe(work);
      expect(numbers([...(seat?.inFlight ?? [])].map((call) => call.payload))).toBe(numbers(this.#has(loop)));
      const head = waiting[0]?.call?.kind;
      if (head !== undefined) expect(this.#hasRoom(loop, head), 'nothing waits while it has room').toBe(false);
    }
  }

  /** Let a fresh loop work until nothing is left, and see that every call has come to its end. */
  finish(): void {
    this.step(['join', 0, '', 1]);
    this.step(['ready', this.loops.filter((each) => each.here).length - 1, '', 1]);
    for (let busy = true; busy;) {
      const having = this.#live.filter((each) => each.loop !== undefined);
      for (const entry of having) this.#settle(entry, 1);
      busy = having.length > 0;
    }
    const left = this.entries.filter((each) => each.where !== 'ended' && each.where !== 'handed back');
    expect(left, 'nothing is lost').toEqual([]);
  }
}
