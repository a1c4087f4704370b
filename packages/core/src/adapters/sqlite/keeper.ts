import { randomInt } from 'node:crypto';

import { failureOf, isOfStep, type SqliteFile, type Tables } from './file.ts';
import { Taker } from './taker.ts';
import { doStep, endsHold } from './step.ts';
import type { Allowance, Answer, Committed, Failure, News, Op, Row } from './wire.ts';

/** Time for the keeper. What is due is of the wall clock, since it has to hold in other processes, too. */
export interface KeeperClock {
  /** Milliseconds that nobody sets. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  setTimer(ms: number, fire: () => void): { cancel(): void };
}

export interface KeeperSettings {
  /** Most messages in the file. */
  readonly limit: number;
  /** Most dead letters in the file. */
  readonly deadLimit: number;
  readonly leaseMs: number;
  /** Milliseconds until it is seen what other processes have put in. */
  readonly pollMs: number;
}

/** So many milliseconds until a file that cannot be used is tried again. */
const againMs = 500;

/** The wall clock was set back, if by more than this. */
const setBackMs = 1000;

interface Take {
  readonly taker: Taker;
  readonly owner: number;
  readonly rows: readonly Row[];
}

interface Round {
  readonly answers: readonly Answer[];
  readonly takes: readonly Take[];
  /** One transaction with all steps, and the slots that they free. */
  readonly isWhole: boolean;
}

const nothing: Round = { answers: [], takes: [], isWhole: true };

/*
 * A round is one transaction: the steps that have come, and then a message for each free slot. There is a round when steps come,
 * when slots become free, when a message is due, and every `pollMs` while slots are free: nobody tells what other processes put in.
 *
 *   the file:  starting ── a round ──► up ◄── a round ── down     told to each consumer when it changes
 *                  └────── an error ───┴── an error ──────►
 */

/** Works on the file for all consumers of a queue, in the queue's thread. */
export class Keeper {
  readonly takers: Map<number, Taker> = new Map();
  readonly #file: SqliteFile;
  readonly #settings: KeeperSettings;
  readonly #clock: KeeperClock;
  /** Undefined while it is starting. */
  #state: News | undefined;
  #timer: { cancel(): void } | undefined;
  /** When the next message is due, by the wall clock. */
  #nextDue = Infinity;
  /** How far the wall clock was ahead of the other one. */
  #ahead: number | undefined;

  constructor(file: SqliteFile, settings: KeeperSettings, clock: KeeperClock) {
    this.#file = file;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** A consumer comes. */
  enter(key: number, allowance: number): void {
    const taker = new Taker(allowance);
    if (this.#state !== undefined) taker.tell(this.#state);
    this.takers.set(key, taker);
    this.hand();
  }

  /** What is new for a consumer, until it has left. */
  async *listen(key: number): AsyncGenerator<News, void> {
    const taker = this.takers.get(key);
    if (taker !== undefined) yield* taker.listen();
  }

  /** It goes: what it has waits again, as if it had not been taken. */
  leave(key: number): void {
    const taker = this.takers.get(key);
    if (taker === undefined) return;
    this.takers.delete(key);
    const { owner } = taker;
    if (owner !== undefined) {
      try {
        this.#file.write(({ messages, leases }) => {
          messages.giveAllBack(owner);
          leases.leave(owner);
        });
      } catch {
        // Its lease ends by itself.
      }
    }
    taker.leave();
    this.hand();
  }

  /** Do steps, all or none of them where the file is the reason, and give messages to who has slots. */
  commit(ops: readonly Op[], allowances: readonly Allowance[]): Committed {
    const bonuses = new Map<Taker, number>();
    for (const [key, allowance, bonus] of allowances) {
      const taker = this.takers.get(key);
      if (taker === undefined) continue;
      taker.allowance = allowance;
      bonuses.set(taker, bonus);
    }
    const { answers, takes, isWhole } = this.#commit(ops, bonuses);
    this.#plan();
    return {
      answers,
      isWhole,
      messages: [...this.takers].flatMap(([key, taker]) =>
        takes.flatMap((take) => (take.taker === taker ? [[key, take.rows] as const] : [])),
      ),
      given: allowances.map(([key]) => this.takers.get(key)?.given ?? 0),
    };
  }

  /** Give what is due to who has slots. */
  hand(): void {
    try {
      for (const { taker, rows } of this.#round([], [...this.takers.values()], new Map()).takes)
        taker.tell(['messages', rows]);
    } catch (error) {
      this.down(error);
    }
    this.#plan();
  }

  /** The file cannot be used, until the next round that succeeds. */
  down(error: unknown): void {
    const failure = failureOf(error);
    if (this.#state?.[0] === 'down' && (this.#state[1].isFatal || !failure.isFatal)) return;
    this.#tell(['down', failure]);
  }

  close(): void {
    this.#timer?.cancel();
    for (const key of this.takers.keys()) this.leave(key);
    this.#timer?.cancel();
  }

  #commit(ops: readonly Op[], bonuses: ReadonlyMap<Taker, number>): Round {
    try {
      return this.#round(ops, [...this.takers.values()], bonuses);
    } catch (error) {
      if (!isOfStep(error)) this.down(error);
      else if (ops.length > 1)
        return { answers: ops.flatMap((op) => this.#commitAlone(op)), takes: [], isWhole: false };
      const failure: Failure = failureOf(error);
      return { answers: ops.map(() => failure), takes: [], isWhole: false };
    }
  }

  /** One of several steps cannot be done: the others can. */
  #commitAlone(op: Op): readonly Answer[] {
    try {
      return this.#round([op], [], new Map()).answers;
    } catch (error) {
      if (!isOfStep(error)) this.down(error);
      return [failureOf(error)];
    }
  }

  #round(ops: readonly Op[], takers: readonly Taker[], bonuses: ReadonlyMap<Taker, number>): Round {
    const now = this.#clock.wall();
    const ahead = now - this.#clock.now();
    // At the start it may have been set while nobody was here.
    const isSetBack = this.#ahead === undefined || ahead < this.#ahead - setBackMs;
    const room = (taker: Taker): number => taker.allowance + (bonuses.get(taker) ?? 0) - taker.given;
    const hungry = takers.filter((taker) => room(taker) > 0);
    if (ops.length === 0 && !isSetBack) {
      if (hungry.length === 0) return nothing;
      this.#nextDue = this.#file.read(({ messages }) => messages.nextDue());
      this.#up();
      if (this.#nextDue > now) return nothing;
    }
    const takes: Take[] = [];
    const answers = this.#file.write((tables) => {
      const { messages } = tables;
      if (isSetBack) messages.clockSetBack(now);
      const done: Answer[] = [];
      let growth = 0;
      for (const op of ops) {
        const step = doStep(tables, op, this.#settings.limit, growth, now);
        done.push(step.answer);
        growth += step.growth;
      }
      messages.grow(growth);
      if (ops.some(([kind]) => kind === 'bury')) messages.forgetAbove(this.#settings.deadLimit);
      for (const taker of hungry) takes.push(...this.#take(tables, taker, room(taker), now));
      if (hungry.length > 0) this.#nextDue = messages.nextDue();
      return done;
    });
    this.#ahead = isSetBack ? ahead : Math.max(ahead, this.#ahead as number);
    for (const [taker, bonus] of bonuses) taker.allowance += bonus;
    for (const op of ops) if (endsHold(op)) this.#ofOwner(op[2])?.held.delete(op[1]);
    for (const { taker, owner, rows } of takes) taker.take(owner, rows);
    this.#rotate(takes[0]?.taker);
    this.#up();
    return { answers, takes, isWhole: true };
  }

  #take({ messages, leases }: Tables, taker: Taker, room: number, now: number): Take[] {
    if (messages.nextDue() > now) return [];
    // Who was taken for dead, and does not know, must not take what it had for the same owner again.
    const isAlive = taker.owner !== undefined && leases.beat(taker.owner);
    const owner = isAlive ? (taker.owner as number) : randomInt(2 ** 47);
    if (!isAlive) leases.enter(owner, process.pid, this.#settings.leaseMs);
    return [{ taker, owner, rows: messages.take(owner, room, now) }];
  }

  /** Who got messages first is last the next time. */
  #rotate(first: Taker | undefined): void {
    if (first === undefined || this.takers.size < 2) return;
    for (const [key, taker] of this.takers) {
      if (taker !== first) continue;
      this.takers.delete(key);
      this.takers.set(key, taker);
      return;
    }
  }

  #ofOwner(owner: number): Taker | undefined {
    for (const taker of this.takers.values()) if (taker.owner === owner) return taker;
    return undefined;
  }

  #up(): void {
    if (this.#state?.[0] !== 'up') this.#tell(['up']);
  }

  #tell(state: News): void {
    this.#state = state;
    for (const taker of this.takers.values()) taker.tell(state);
  }

  #plan(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (![...this.takers.values()].some(({ room }) => room > 0)) return;
    const wait = Math.min(this.#settings.pollMs, Math.max(1, this.#nextDue - this.#clock.wall()));
    this.#timer = this.#clock.setTimer(this.#state?.[0] === 'down' ? againMs : wait, () => this.hand());
  }
}
