import { afterEach, beforeEach } from 'vitest';
import { FakeClock } from 'offloop/testing';
import { SqliteFile } from 'offloop-internal/adapters/sqlite/file.js';
import { Keeper } from 'offloop-internal/adapters/sqlite/keeper.js';
import { Lookout } from 'offloop-internal/adapters/sqlite/lookout.js';
import { Folder } from './support.js';
import type { Allowance, Committed, Held, News, Op, Row } from 'offloop-internal/adapters/sqlite/wire.js';

/** What the generators have to tell has been told. */
export const told = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export const leaseMs = 800;
export const lookMs = leaseMs / 8;

/** The thread of a queue in some process, without the thread: with a clock of its own, which can be stopped and set. */
export class Office {
  readonly clock = new FakeClock(0);
  /** How far the wall clock is ahead. */
  wallAhead = 1_000_000;
  readonly file: SqliteFile;
  readonly keeper: Keeper;
  readonly #lookout: Lookout;
  readonly news = new Map<number, News[]>();
  /** Messages that its consumers have, as far as they know. */
  readonly rows: Row[] = [];
  readonly lost: Held[] = [];
  #lastKey = 0;

  constructor(
    path: string,
    settings: { limit?: number; deadLimit?: number; pollMs?: number; leaseMs?: number; busyMs?: number } = {},
  ) {
    this.file = new SqliteFile(path, false, settings.busyMs ?? 50);
    const clock = {
      now: () => this.clock.now(),
      wall: () => this.clock.now() + this.wallAhead,
      setTimer: (ms: number, fire: () => void) => this.clock.setTimer(ms, fire),
    };
    const complete = { limit: Infinity, deadLimit: Infinity, pollMs: 20, leaseMs, ...settings };
    this.keeper = new Keeper(this.file, complete, clock);
    this.#lookout = new Lookout(this.keeper, this.file, complete.leaseMs, clock);
  }

  /** A consumer comes with so many slots. */
  enter(allowance: number): number {
    const key = ++this.#lastKey;
    const news: News[] = [];
    this.news.set(key, news);
    this.keeper.enter(key, allowance);
    this.#lookout.start();
    void this.#listen(key, news);
    return key;
  }

  commit(ops: readonly Op[], ...allowances: Allowance[]): Committed {
    const committed = this.keeper.commit(ops, allowances);
    for (const op of ops) if (op[0] !== 'put' && op[0] !== 'extend' && op[0] !== 'requeue') this.#forget(op[1], op[2]);
    for (const [, rows] of committed.messages) this.rows.push(...rows);
    return committed;
  }

  put(...data: string[]): Committed {
    return this.commit([['put', data.map((each) => `id-${each}`), data]]);
  }

  /** What it has been given and has not lost, as data. */
  async data(): Promise<string[]> {
    await told();
    return this.rows.map(([, , , , data]) => String(data));
  }

  /** The row with that data. */
  async held(data: string): Promise<Held> {
    await told();
    const row = this.rows.findLast(([, , , , each]) => each === data);
    if (row === undefined) throw new Error(`no ${data} here`);
    return [row[0], row[1]];
  }

  /** Its process is killed: nobody beats, nothing is given back. */
  kill(): void {
    this.#lookout.stop();
    this.keeper.takers.clear();
    this.file.close();
  }

  close(): void {
    this.#lookout.stop();
    this.keeper.close();
    this.file.close();
  }

  async #listen(key: number, news: News[]): Promise<void> {
    for await (const each of this.keeper.listen(key)) {
      news.push(each);
      if (each[0] === 'messages') this.rows.push(...each[1]);
      if (each[0] !== 'lost') continue;
      this.lost.push(...each[1]);
      for (const [seq, owner] of each[1]) this.#forget(seq, owner);
    }
  }

  #forget(seq: number, owner: number): void {
    const index = this.rows.findIndex((row) => row[0] === seq && row[1] === owner);
    if (index >= 0) this.rows.splice(index, 1);
  }
}

/** Time goes on for all of them alike, in steps in which timers of the others can come between. */
export function pass(ms: number, ...offices: Office[]): void {
  for (let done = 0; done < ms; done += 10) for (const { clock } of offices) clock.advance(10);
}

type Settings = ConstructorParameters<typeof Office>[1];

/** For each test of a file: a folder, and offices that work on the file in it. */
export function useOffices(): { readonly folder: Folder; open(settings?: Settings): Office } {
  let folder: Folder;
  const offices: Office[] = [];
  beforeEach(() => {
    folder = new Folder();
  });
  afterEach(() => {
    for (const office of offices.splice(0)) office.close();
    folder[Symbol.dispose]();
  });
  return {
    get folder() {
      return folder;
    },
    open(settings) {
      const office = new Office(folder.file, settings);
      offices.push(office);
      return office;
    },
  };
}
