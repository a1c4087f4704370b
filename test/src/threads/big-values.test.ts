// Values about as long as the longest record of a ring: they wrap it, fill it, overflow it, or go by the port.
import { WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { basic } from './support.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly score: number;
}

function rows(count: number, from: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: from + index,
    name: `user ${from + index}`,
    tags: ['a', 'b', `c${index}`],
    score: index * 1.5,
  }));
}

test.each(['ring', 'port'] as const)(
  '%s: values of all lengths around a record go there and back, in turn and at once',
  async (lane) => {
    await using loop = new WorkerLoop({ lane });
    for (const count of [500, 800, 1000, 1200, 1400, 1600, 2400]) {
      for (let from = 0; from < 8; from++)
        expect(await loop.run(basic.echo(rows(count, from)))).toEqual(rows(count, from));
      const many = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((from) => loop.run(basic.echo(rows(count, from)))));
      for (const [index, each] of many.entries()) expect(each).toEqual(rows(count, index + 1));
    }
  },
);
