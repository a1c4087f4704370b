import { describe, expect, test } from 'vitest';

import { leaseMs, Office, pass, told } from './office.js';
import { Folder, hasSqlite } from './support.js';

// Whatever processes do, and whenever they are stopped or killed: each message ends once, and no consumer has more than it may.

/** A generator of numbers that is the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e_37_79_b9) | 0;
    return ((state >>> 1) ^ (state >>> 17)) % below;
  };
}

interface Process {
  readonly office: Office;
  readonly key: number;
  allowance: number;
  /** How many of those that it has lost have freed their slots. */
  lost: number;
}

class World {
  readonly folder = new Folder();
  readonly processes: Process[] = [];
  readonly ended = new Map<string, number>();
  put = 0;
  readonly #pick: (below: number) => number;

  constructor(seed: number) {
    this.#pick = random(seed);
    for (let count = 0; count < 3; count++) this.start();
  }

  start(): void {
    const office = new Office(this.folder.file, { pollMs: 20 });
    const allowance = 1 + this.#pick(3);
    this.processes.push({ office, key: office.enter(allowance), allowance, lost: 0 });
  }

  async step(): Promise<void> {
    const process = this.processes[this.#pick(this.processes.length)] as Process;
    const { office } = process;
    switch (this.#pick(10)) {
      case 0:
      case 1:
        office.put(...Array.from({ length: 1 + this.#pick(3) }, () => `m${this.put++}`));
        break;
      case 2:
        if (this.#pick(2) === 0) this.kill(process, this.#pick(2) === 0);
        break;
      case 3:
        // The others stand still meanwhile.
        pass(leaseMs + 200, office);
        break;
      case 4:
      case 5:
        pass(50, ...this.processes.map((each) => each.office));
        break;
      default:
        await this.settle(process);
    }
    await told();
    this.check();
  }

  kill(process: Process, hard: boolean): void {
    this.processes.splice(this.processes.indexOf(process), 1);
    if (hard) process.office.kill();
    else process.office.close();
    this.start();
  }

  /** Settle the oldest that it has, in some way, and get the next for the slot, in the same transaction or later. */
  async settle(process: Process): Promise<void> {
    await told();
    const { office, key } = process;
    for (; process.lost < office.lost.length; process.lost++) office.commit([], [key, ++process.allowance, 0]);
    const [row] = office.rows;
    if (row === undefined) return;
    const [seq, owner, , , data] = row;
    const ways = [
      ['acknowledge', seq, owner],
      ['retry', seq, owner, this.#pick(300)],
      ['giveBack', seq, owner],
      ['bury', seq, owner, 1, 'dropped', '{}'],
    ] as const;
    const op = ways[Math.max(0, this.#pick(8) - 4)] ?? ways[0];
    office.rows.shift();
    const bonus = this.#pick(2);
    const { answers, isWhole } = office.commit([op], [key, process.allowance, bonus]);
    expect(isWhole).toBe(true);
    process.allowance += bonus;
    if (bonus === 0) office.commit([], [key, ++process.allowance, 0]);
    if (answers[0] === true && (op[0] === 'acknowledge' || op[0] === 'bury'))
      this.ended.set(String(data), (this.ended.get(String(data)) ?? 0) + 1);
  }

  check(): void {
    for (const { office, key, allowance } of this.processes)
      expect(office.keeper.takers.get(key)?.given ?? 0).toBeLessThanOrEqual(allowance);
    for (const [data, times] of this.ended) expect([data, times]).toEqual([data, 1]);
    const { counted, size } = this.folder.look((file) =>
      file.read(({ messages }) => {
        const { waiting, delayed, held } = messages.counts(Infinity);
        return { counted: waiting + delayed + held, size: messages.size };
      }),
    );
    expect(counted).toBe(size);
    expect(size).toBe(this.put - this.ended.size);
  }

  /** All processes turn from now on, until everything is done. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200 && this.ended.size < this.put; round++) {
      for (const process of this.processes)
        for (let count = process.office.rows.length; count >= 0; count--) await this.settle(process);
      pass(200, ...this.processes.map((each) => each.office));
      await told();
      this.check();
    }
    expect(this.ended.size).toBe(this.put);
    for (const { office } of this.processes) office.close();
    this.folder[Symbol.dispose]();
  }
}

describe.skipIf(!hasSqlite)('processes that share a file', () => {
  test('whatever they do and however they end: each message ends once, and none has more than its slots', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const world = new World(seed);
      for (let step = 0; step < 60; step++) await world.step();
      await world.finish();
    }
  }, 60_000);
});
