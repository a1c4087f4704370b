import type { Database, Statement } from './database.ts';

export interface Beat {
  readonly owner: number;
  /** How long it may be silent, in milliseconds. */
  readonly lease: number;
  readonly beat: number;
}

/** The statements for consumers that have messages. */
export class Leases {
  readonly #enter: Statement;
  readonly #leave: Statement;
  readonly #beat: Statement;
  readonly #all: Statement;
  readonly #expire: Statement;

  constructor(database: Database) {
    this.#enter = database.prepare('INSERT INTO consumer (owner, lease, beat, pid) VALUES (?, ?, 0, ?)');
    this.#leave = database.prepare('DELETE FROM consumer WHERE owner = ?');
    this.#beat = database.prepare('UPDATE consumer SET beat = beat + 1 WHERE owner = ?');
    this.#all = database.prepare('SELECT owner, lease, beat FROM consumer');
    this.#expire = database.prepare('DELETE FROM consumer WHERE owner = ? AND beat = ?');
  }

  enter(owner: number, pid: number, lease: number): void {
    this.#enter.run(owner, lease, pid);
  }

  leave(owner: number): void {
    this.#leave.run(owner);
  }

  /** Show that it lives; false when it was taken for dead. */
  beat(owner: number): boolean {
    return Number(this.#beat.run(owner).changes) > 0;
  }

  all(): Beat[] {
    return this.#all
      .all()
      .map(({ owner, lease, beat }) => ({ owner: Number(owner), lease: Number(lease), beat: Number(beat) }));
  }

  /** Take it for dead, unless it has beaten after all. */
  expire({ owner, beat }: Beat): boolean {
    return Number(this.#expire.run(owner, beat).changes) > 0;
  }
}

/** Each consumer beats, and looks at the others, so many times in a lease. */
export const looksPerLease = 8;

/**
 * Which consumers are dead. It counts looks, and reads no clock: a wall clock is set, and all clocks but the looker's own turns go
 * on while the machine sleeps, and then everybody would look dead at once.
 */
export class BeatWatch {
  readonly #lookMs: number;
  #seen = new Map<number, { readonly beat: number; readonly looks: number }>();

  constructor(lookMs: number) {
    this.#lookMs = lookMs;
  }

  /** Those that have not beaten for the length of their leases. */
  look(beats: readonly Beat[]): Beat[] {
    const seen = this.#seen;
    this.#seen = new Map();
    for (const { owner, beat } of beats) {
      const before = seen.get(owner);
      this.#seen.set(owner, { beat, looks: before?.beat === beat ? before.looks + 1 : 0 });
    }
    return beats.filter(({ owner, lease }) => (this.#seen.get(owner)?.looks ?? 0) * this.#lookMs >= lease);
  }

  /** The looker itself was late, and so may all others have been: count anew. */
  reset(): void {
    this.#seen.clear();
  }
}
