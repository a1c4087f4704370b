// What arrives on a port lane and is no batch of ours, or comes at a bad time.
import fc from 'fast-check';
import { maxRecordWords } from 'offloop-internal/link/records.js';
import { frameLength, Op } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { batchOf, makeInbox } from './port-lane.ts';

test('a batch that comes while another is read waits until that is over', () => {
  const { inbox, frames, ends } = makeInbox((frame) => {
    if (frame[0] === Op.Tasks && frame[1] === 1) inbox.message(batchOf([tasks(3)]));
  });
  inbox.message(batchOf([tasks(1), tasks(2)]));
  expect(frames.map((frame) => frame[1])).toEqual([1, 2, 3]);
  expect([inbox.garbage, ends()]).toEqual([0, 2]);
});

/** A record of a Tasks frame. */
function tasks(request: number): number[] {
  return [4, Op.Tasks, (request << 1) | 1, 0];
}

test('an inbox counts and ignores what is no message of ours', () => {
  const { inbox, frames, ends } = makeInbox();
  const strays = [
    undefined,
    null,
    1,
    {},
    new Map(),
    [99, 1],
    ['constructor'],
    [undefined],
    [Op.Call, 1, 2],
    new Uint8Array(Buffer.from(batchOf([tasks(1)]), 'latin1')),
    '',
    'text',
    'a longer text that is none of ours',
  ];
  for (const each of strays) inbox.message(each);
  expect(inbox.garbage).toBe(strays.length);
  expect([frames, ends()]).toEqual([[], 0]);
});

test.each([
  ['another mark', batchOf([tasks(1)], 0x6f670001)],
  ['another number of records', batchOf([tasks(1), tasks(2)], 0x6f660001)],
  ['no records', batchOf([])],
  ['a record of no length', batchOf([[0, 0, ...tasks(1)]])],
  ['a record of negative length', batchOf([tasks(1), [-4, Op.Tasks, 3, 0]])],
  [
    'a record that begins at an odd word',
    batchOf([
      [3, Op.Tasks, 3],
      [5, Op.Tasks, 3, 0, 0],
    ]),
  ],
  ['a record that ends beyond', batchOf([tasks(1), [400, Op.Tasks, 3, 0]])],
  ['half a word more', `${batchOf([tasks(1)])}ab`],
  ['more than the longest', batchOf([[maxRecordWords * 2, ...new Array<number>(maxRecordWords * 2 - 1).fill(1)]])],
])('a batch with %s is none, and the next one is read', (_what, batch) => {
  const { inbox, frames } = makeInbox();
  inbox.message(batch);
  expect([inbox.garbage, frames]).toEqual([1, []]);
  inbox.message(batchOf([tasks(3)]));
  expect(frames).toEqual([[Op.Tasks, 3]]);
});

test('a record that cannot be read is told as lost, and costs no other', () => {
  const { inbox, frames, lost } = makeInbox();
  const noValue = 0;
  inbox.message(
    batchOf([
      tasks(1),
      [6, Op.Call | (1 << 16), 1, 7, 0, noValue],
      [6, Op.Result, 1, 8, noValue, 0],
      [4, Op.Tasks, noValue, 0],
      [2, 99],
      tasks(2),
    ]),
  );
  expect(lost).toEqual([7, 8]);
  expect(frames.filter((frame) => frame[0] === Op.Tasks).map((frame) => frame[1])).toEqual([1, 2]);
  expect(inbox.garbage).toBeGreaterThanOrEqual(3);
});

test('no garbage makes an inbox throw, or read for ever', () => {
  const { inbox, frames } = makeInbox();
  const word = fc.oneof(fc.integer(), fc.nat(80), fc.constantFrom(...frameLength.keys()));
  const record = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => {
    const rest = words.length % 2 === 0 ? [...words, 0] : words;
    return [rest.length + 1, ...rest];
  });
  const batch = fc.array(record, { maxLength: 8 }).map((records) => batchOf(records));
  const damaged = fc
    .tuple(batch, fc.nat(400), fc.string({ maxLength: 9, unit: 'binary' }))
    .map(([text, at, cut]) => text.slice(0, at) + cut + text.slice(at + cut.length));
  const frame = fc.array(fc.oneof(fc.constantFrom(...frameLength.keys()), fc.anything()));
  fc.assert(
    fc.property(fc.oneof(fc.anything(), frame, batch, batch, damaged), (data) => {
      frames.length = 0;
      inbox.message(data);
      expect(frames.length).toBeLessThanOrEqual(8);
    }),
    { numRuns: 3000 },
  );
});
