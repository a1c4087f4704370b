import { isDeepStrictEqual } from 'node:util';

import type { Running } from '../contestant.ts';
import { Samples } from '../samples.ts';
import { mustBe, repeat, type Bench, type Workload } from '../workload.ts';

const inFlight = 64;

/** Something like a record of a database: numbers, short strings, a nested object, a list of rows. */
interface Record {
  readonly id: number;
  readonly title: string;
  readonly owner: { readonly name: string; readonly isActive: boolean; readonly score: number };
  readonly rows: { readonly at: number; readonly amount: number; readonly note: string }[];
}

/** Distinct ones: structured clone writes an object that stands twice in one message only once, and batches would cheat. */
function objects(name: string, title: string, bytes: number): Workload {
  return {
    name,
    title: `${title} objects there and back, ${inFlight} distinct ones in flight, one thread`,
    metrics: [{ key: 'each', title: 'µs a call', better: 'less' }],
    run: async (bench) => {
      const running = await bench.start(1);
      const records = Array.from({ length: inFlight }, (_, index) => makeRecord(index, bytes));
      for (const record of records)
        if (!isDeepStrictEqual(await running.call('echo', record), record)) throw new Error('the echo is not equal');
      await repeat(bench.warmUpMs, () => echoAll(running, records));
      const begin = performance.now();
      const times = await repeat(bench.budgetMs, () => echoAll(running, records));
      return { each: ((performance.now() - begin) * 1000) / (times * inFlight) };
    },
  };
}

async function echoAll(running: Running, records: readonly Record[]): Promise<void> {
  const echoes = records.map((record) => running.call('echo', record));
  for (const [index, record] of records.entries()) {
    const echo = (await echoes[index]) as Record;
    if (echo === record) throw new Error('the echo is the object itself: nothing was sent');
    mustBe(echo.id, record.id);
    mustBe(echo.rows.length, record.rows.length);
  }
}

function makeRecord(id: number, bytes: number): Record {
  const owner = { name: `owner of ${id}`, isActive: id % 2 === 0, score: id + 0.5 };
  const record: Record = { id, title: `record number ${id}`, owner, rows: [] };
  const row = (index: number): Record['rows'][number] => ({
    at: 1_700_000_000_000 + id * 1000 + index,
    amount: index * 1.25,
    note: `row ${index} of ${id}`,
  });
  const rowBytes = JSON.stringify(row(100)).length;
  const count = Math.floor((bytes - JSON.stringify(record).length) / rowBytes);
  for (let index = 0; index < count; index++) record.rows.push(row(index));
  return record;
}

const copy: Workload = {
  name: 'copy-1m',
  title: 'A Uint8Array of 1 MB copied there and back, one at a time',
  metrics: [{ key: 'p50', title: 'p50 µs', better: 'less' }],
  run: async (bench) => {
    const running = await bench.start(1);
    const bytes = new Uint8Array(1 << 20).fill(1);
    bytes[bytes.length - 1] = 2;
    const once = async (): Promise<void> => {
      const back = (await running.call('echo', bytes)) as Uint8Array;
      mustBe(bytes.length, 1 << 20);
      mustBe(back.length, bytes.length);
      mustBe(back[0], 1);
      mustBe(back.at(-1), 2);
      mustBe(back.buffer === bytes.buffer, false);
    };
    return { p50: await middleOf(once, bench) };
  },
};

const transfer: Workload = {
  name: 'move-16m',
  title: 'An ArrayBuffer of 16 MB moved there and back, one at a time',
  metrics: [{ key: 'p50', title: 'p50 µs', better: 'less' }],
  run: async (bench) => {
    const running = await bench.start(1);
    if (running.move === undefined) throw new Error('it moves nothing');
    const { move } = running;
    let buffer = new ArrayBuffer(16 << 20);
    let touched = 0;
    const once = async (): Promise<void> => {
      const sent = buffer;
      buffer = (await move(sent)) as ArrayBuffer;
      touched = (touched + 1) % 256;
      // Detached: it was moved, not copied.
      mustBe(sent.byteLength, 0);
      mustBe(buffer.byteLength, 16 << 20);
      mustBe(new Uint8Array(buffer)[0], touched);
    };
    return { p50: await middleOf(once, bench) };
  },
};

/** The median of single times, in microseconds. */
async function middleOf(once: () => Promise<void>, { warmUpMs, budgetMs }: Bench): Promise<number> {
  await repeat(warmUpMs, once);
  const samples = new Samples();
  await repeat(budgetMs, async () => {
    const before = performance.now();
    await once();
    samples.add(performance.now() - before);
  });
  return samples.percentile(50) * 1000;
}

export const payloads: readonly Workload[] = [
  objects('object-1k', '1 KB', 1000),
  objects('object-100k', '100 KB', 100_000),
  copy,
  transfer,
];
