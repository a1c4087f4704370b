import type { Database, Statement, Value } from './database.ts';
import type { Counts, DeadRow, Row, StoredData } from './wire.ts';

/** Messages that were with several consumers that died come back apart, up to so many milliseconds per attempt. */
export const spreadMs = 1000;

/** Most dead letters forgotten in one transaction, which may bury a thousand: where the limit is a new one there may be many. */
const mostForgotten = 2000;

/** The statements for messages: each is one step of a message. They know no clock: `now` is the wall clock's, in milliseconds. */
export class Messages {
  readonly #put: Statement;
  readonly #take: Statement;
  readonly #acknowledge: Statement;
  readonly #retry: Statement;
  readonly #giveBack: Statement;
  readonly #kill: Statement;
  readonly #isHeld: Statement;
  readonly #heldBy: Statement;
  readonly #release: Statement;
  readonly #giveAllBack: Statement;
  readonly #nextDue: Statement;
  readonly #clockSetBack: Statement;
  readonly #size: Statement;
  readonly #grow: Statement;
  readonly #counts: Statement;
  readonly #dead: Statement;
  readonly #forget: Statement;
  readonly #requeue: Statement;
  readonly #requeueAll: Statement;
  readonly #forgetById: Statement;
  readonly #forgetAll: Statement;
  readonly #deadSpan: Statement;
  readonly #forgetAbove: Statement;

  constructor(database: Database) {
    const held = 'WHERE seq = ? AND owner = ?';
    this.#put = database.prepare('INSERT INTO message (id, data, due) VALUES (?, ?, ?)');
    this.#take = database.prepare(`
      UPDATE message SET owner = ?, attempt = attempt + 1
      WHERE seq IN (SELECT seq FROM message WHERE owner IS NULL AND due <= ? ORDER BY due, seq LIMIT ?)
      RETURNING seq, id, attempt, data, due`);
    this.#acknowledge = database.prepare(`DELETE FROM message ${held}`);
    this.#retry = database.prepare(`UPDATE message SET owner = NULL, due = ?, delay = ? ${held}`);
    this.#giveBack = database.prepare(`UPDATE message SET owner = NULL, attempt = attempt - 1 ${held}`);
    this.#kill = database.prepare(`
      INSERT INTO dead (id, data, attempt, reason, error, at) SELECT id, data, ?, ?, ?, ? FROM message ${held}`);
    this.#isHeld = database.prepare(`SELECT 1 FROM message ${held}`);
    this.#heldBy = database.prepare('SELECT seq FROM message WHERE owner = ?');
    // A message that ends its process must not take the same neighbours with it each time, until all are given up.
    this.#release = database.prepare(`
      UPDATE message SET owner = NULL,
        due = CASE WHEN attempt < 2 THEN due ELSE ? + abs(random() % (${spreadMs} * attempt)) END,
        delay = CASE WHEN attempt < 2 THEN delay ELSE ${spreadMs} * attempt END
      WHERE owner = ?`);
    this.#giveAllBack = database.prepare('UPDATE message SET owner = NULL, attempt = attempt - 1 WHERE owner = ?');
    this.#nextDue = database.prepare('SELECT due FROM message WHERE owner IS NULL ORDER BY due LIMIT 1');
    this.#clockSetBack = database.prepare('UPDATE message SET due = ? + delay WHERE owner IS NULL AND due > ? + delay');
    this.#size = database.prepare('SELECT size FROM queue');
    this.#grow = database.prepare('UPDATE queue SET size = size + ?');
    this.#counts = database.prepare(`SELECT
      (SELECT size FROM queue) AS size,
      (SELECT count(*) FROM message WHERE owner IS NULL AND due > ?) AS delayed,
      (SELECT count(*) FROM message WHERE owner IS NOT NULL) AS held,
      (SELECT count(*) FROM dead) AS dead`);
    this.#dead = database.prepare('SELECT seq, id, data, attempt, reason, error FROM dead ORDER BY seq LIMIT ?');
    this.#forget = database.prepare('DELETE FROM dead WHERE seq <= ?');
    const revive = 'INSERT INTO message (id, data, due) SELECT id, data, ? FROM dead';
    this.#requeue = database.prepare(`${revive} WHERE id = ?`);
    this.#requeueAll = database.prepare(`${revive} ORDER BY seq`);
    this.#forgetById = database.prepare('DELETE FROM dead WHERE id = ?');
    this.#forgetAll = database.prepare('DELETE FROM dead');
    this.#deadSpan = database.prepare('SELECT (SELECT max(seq) FROM dead) - (SELECT min(seq) FROM dead) + 1 AS span');
    this.#forgetAbove = database.prepare(`
      DELETE FROM dead WHERE seq IN (
        SELECT seq FROM dead ORDER BY seq LIMIT min(max((SELECT count(*) FROM dead) - ?, 0), ${mostForgotten}))`);
  }

  put(id: string, data: StoredData, now: number): void {
    this.#put.run(id, data, now);
  }

  /** Give the oldest `count` that are due to `owner`: the oldest first. */
  take(owner: number, count: number, now: number): Row[] {
    return this.#take
      .all(owner, now, count)
      .sort((a, b) => Number(a['due']) - Number(b['due']) || Number(a['seq']) - Number(b['seq']))
      .map(({ seq, id, attempt, data }) => [Number(seq), owner, String(id), Number(attempt), data as StoredData]);
  }

  acknowledge(seq: number, owner: number): boolean {
    return changed(this.#acknowledge, seq, owner) > 0;
  }

  retry(seq: number, owner: number, delayMs: number, now: number): boolean {
    // SQLite's whole numbers end at 2⁶³, ours at 2⁵³; and a wait of Infinity is for ever.
    const delay = Math.min(Math.ceil(delayMs), 2 ** 50);
    return changed(this.#retry, now + delay, delay, seq, owner) > 0;
  }

  /** As if it had not been taken. */
  giveBack(seq: number, owner: number): boolean {
    return changed(this.#giveBack, seq, owner) > 0;
  }

  bury(seq: number, owner: number, attempt: number, reason: string, error: string, now: number): boolean {
    if (changed(this.#kill, attempt, reason, error, now, seq, owner) === 0) return false;
    this.#acknowledge.run(seq, owner);
    return true;
  }

  isHeld(seq: number, owner: number): boolean {
    return this.#isHeld.get(seq, owner) !== undefined;
  }

  heldBy(owner: number): Set<number> {
    return new Set(this.#heldBy.all(owner).map(({ seq }) => Number(seq)));
  }

  /** The owner is dead: what it had waits again, and has been tried. Gives how many. */
  release(owner: number, now: number): number {
    return changed(this.#release, now, owner);
  }

  /** The owner goes: what it has waits again, as if it had not been taken. */
  giveAllBack(owner: number): number {
    return changed(this.#giveAllBack, owner);
  }

  /** When the next one is due; Infinity when none waits. */
  nextDue(): number {
    const due = this.#nextDue.get()?.['due'];
    return typeof due === 'number' ? due : Infinity;
  }

  /** The wall clock is behind where it was: nothing waits for longer than it was told to. */
  clockSetBack(now: number): void {
    this.#clockSetBack.run(now, now);
  }

  get size(): number {
    return Number(this.#size.get()?.['size']);
  }

  /** Messages have come or gone; to be told in the same transaction. */
  grow(by: number): void {
    if (by !== 0) this.#grow.run(by);
  }

  counts(now: number): Counts {
    const { size, delayed, held, dead } = this.#counts.get(now) ?? {};
    const waiting = Number(size) - Number(delayed) - Number(held);
    return { waiting, delayed: Number(delayed), held: Number(held), dead: Number(dead) };
  }

  /** The oldest dead letters; `take` takes them out. */
  dead(limit: number, take: boolean): DeadRow[] {
    const rows = this.#dead.all(limit);
    const last = rows.at(-1)?.['seq'];
    if (take && last !== undefined) this.#forget.run(last);
    return rows.map(({ id, data, attempt, reason, error }) => ({
      id: String(id),
      data: data as StoredData,
      attempt: Number(attempt),
      reason: String(reason),
      error: String(error),
    }));
  }

  /** Forget the oldest dead letters, when there are more than `limit`. */
  forgetAbove(limit: number): void {
    // SQLite would have to count them; there are no more than numbers between the first and the last.
    if (limit !== Infinity && Number(this.#deadSpan.get()?.['span']) > limit) this.#forgetAbove.run(limit);
  }

  /** Dead letters, or all, wait again, with all attempts before them. Gives how many. */
  requeue(ids: readonly string[] | undefined, now: number): number {
    if (ids === undefined) {
      const count = changed(this.#requeueAll, now);
      this.#forgetAll.run();
      return count;
    }
    let count = 0;
    for (const id of ids) {
      count += changed(this.#requeue, now, id);
      this.#forgetById.run(id);
    }
    return count;
  }
}

function changed(statement: Statement, ...values: readonly Value[]): number {
  return Number(statement.run(...values).changes);
}
