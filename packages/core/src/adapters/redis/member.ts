import { randomUUID } from 'node:crypto';

import { Connection } from './connection.ts';
import { Lookout } from './lookout.ts';
import { readAnswers, readHeld, readTaken, stepArguments, type Pending, type Taken } from './message.ts';
import type { Settings } from './options.ts';
import { scripts } from './scripts.ts';

/** Messages that were with consumers that died twice come back apart, up to so many milliseconds per attempt. */
const spreadMs = 1000;

export interface Turn {
  /** One for each step. */
  readonly answers: readonly boolean[];
  readonly taken: readonly Taken[];
  /** There were fewer messages than wanted. */
  readonly isDry: boolean;
}

export interface Beat {
  readonly waiting: number;
  /** Milliseconds until the next beat is due. */
  readonly nextMs: number;
  /** The ids of the messages that Redis holds for it. */
  readonly held: readonly string[];
}

/*
 *   outside ── beat: it enters ──► member ── turns and beats, one command after the other, on one connection
 *      ▲                             │  │
 *      │ its lease had run out, and  │  └── leave: it gives back what it has ──► outside
 *      │ another gave back its       │
 *      │ messages: lost ◄────────────┘
 *      └── from then on it is another consumer: what is late counts for nothing
 */

/** A consumer of a list, as Redis knows it. Every call is one command at a time, and rejects with RedisListError. */
export class Member {
  readonly beatMs: number;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #lookout = new Lookout();
  readonly #limitMs: number;
  #owner = newOwner();
  #isMember = false;
  /** Who it was before, until it is certain that nothing is left there. */
  #former: string | undefined;
  /** Messages taken so far: their ids and their order. */
  #number = 0;
  #lastLook = 0;

  constructor(settings: Settings, onLost: (error: Error) => void) {
    this.#settings = settings;
    this.beatMs = Math.floor(settings.leaseMs / 3);
    this.#limitMs = Math.min(5000, Math.max(500, this.beatMs));
    this.#connection = new Connection({ name: settings.name, connect: settings.connect, onLost });
  }

  get owner(): string {
    return this.#owner;
  }

  get isMember(): boolean {
    return this.#isMember;
  }

  /** Settle messages, and take others into the slots that are free then. Undefined: its lease is lost. */
  async turn(steps: readonly Pending[], room: number): Promise<Turn | undefined> {
    const { keys, pop, push, leaseMs, deadLimit, holds } = this.#settings;
    const number = this.#number;
    // Should the reply be lost, the numbers are used all the same.
    this.#number += room;
    const reply = await this.#connection.call(this.#limitMs, (client) =>
      scripts.turn.run(
        client,
        [keys.line, keys.consumers, keys.held(this.#owner), keys.delayed, keys.dead, keys.deadOrder],
        [
          this.#owner,
          holds ? 1 : 0,
          leaseMs,
          pop,
          push,
          Math.min(deadLimit, 2 ** 50),
          number,
          room,
          ...stepArguments(steps, holds),
        ],
      ),
    );
    if (reply === null) {
      this.#lost();
      return undefined;
    }
    const [answers, taken, popped] = reply;
    return { answers: readAnswers(steps, answers), taken: readTaken(taken), isDry: popped < room };
  }

  /** Enter, or renew the lease; let wait what is due, and what dead consumers had. Undefined: its lease is lost. */
  async beat(): Promise<Beat | undefined> {
    const { keys, leaseMs, push, holds } = this.#settings;
    if (this.#former !== undefined) await this.#release(this.#former, '');
    this.#former = undefined;
    // Who holds nothing has nothing to lose.
    const enters = !this.#isMember || !holds;
    const reply = await this.#connection.call(this.#limitMs, (client) =>
      scripts.beat.run(
        client,
        [keys.line, keys.consumers, keys.held(this.#owner), keys.delayed],
        [this.#owner, leaseMs, enters ? 1 : 0, push],
      ),
    );
    if (reply[0] === 0) {
      this.#lost();
      return undefined;
    }
    this.#isMember = true;
    const [, waiting, nextMs, held, expired] = reply;
    await this.#lookAt(expired);
    return { waiting, nextMs: nextMs < 0 ? this.beatMs : Math.min(nextMs + 1, this.beatMs), held };
  }

  /** Messages that Redis holds for it. */
  async fetch(ids: readonly string[]): Promise<Taken[]> {
    const key = this.#settings.keys.held(this.#owner);
    const values = await this.#connection.call(this.#limitMs, (client) => client.hmget(key, ...ids));
    return ids.flatMap((id, index) => {
      const value = values[index];
      return value == null ? [] : [readHeld(id, value)];
    });
  }

  /** Nobody could show for a while, since Redis was gone. */
  forgive(): void {
    this.#lookout.forget();
  }

  /** Give back what it has, if Redis is there; otherwise others find it when the lease has run out. Never rejects. */
  async leave(): Promise<void> {
    try {
      if (this.#connection.isOpen) await this.#release(this.#owner, '');
    } catch {
      // As if Redis were gone.
    }
    this.close();
  }

  close(): void {
    this.#connection.close();
  }

  /** Two looks are at least about a beat apart. */
  async #lookAt(expired: readonly string[]): Promise<void> {
    const now = performance.now();
    if (now - this.#lastLook < this.beatMs * 0.9) return;
    this.#lastLook = now;
    for (const [owner, score] of this.#lookout.look(expired)) await this.#release(owner, score);
  }

  async #release(owner: string, score: string): Promise<void> {
    const { keys, push } = this.#settings;
    await this.#connection.call(this.#limitMs, (client) =>
      scripts.release.run(
        client,
        [keys.line, keys.consumers, keys.held(owner), keys.delayed],
        [owner, score, push, Math.floor(Math.random() * 2 ** 31), spreadMs],
      ),
    );
  }

  #lost(): void {
    this.#former = this.#owner;
    this.#owner = newOwner();
    this.#isMember = false;
  }
}

function newOwner(): string {
  return randomUUID().slice(0, 18);
}
