import { MessageChannel } from 'node:worker_threads';

import { InvalidArgumentError, move, NotCloneableError } from 'offloop-internal/index.js';
import { checkTransfer } from 'offloop-internal/wire/move.js';
import { pack } from 'offloop-internal/wire/values.js';
import { expect, test } from 'vitest';

test('a moved view travels with its buffer, and nothing moves before it is sent', () => {
  const bytes = new Uint8Array(8);
  const packed = pack([1, move(bytes)]);
  expect(packed).toEqual({ values: [1, bytes], transfer: [bytes.buffer] });
  expect(bytes.byteLength).toBe(8);
});

test('what moves can be named: by move() for a part of a value, or by the option transfer', () => {
  const part = { bytes: new Uint8Array(4), text: 'stays' };
  const other = new ArrayBuffer(2);
  expect(pack([move(part, [part.bytes.buffer as ArrayBuffer])]).transfer).toEqual([part.bytes.buffer]);
  expect(pack([move(part, [part.bytes.buffer as ArrayBuffer])], [other]).transfer).toEqual([other, part.bytes.buffer]);
});

test('ports and buffers move as they are', () => {
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(3);
  expect(pack([move(port1), move(buffer)]).transfer).toEqual([port1, buffer]);
  port1.close();
  port2.close();
});

test('move refuses a view on a part of a buffer, which would take its neighbours along', () => {
  expect(() => move(new Uint8Array(new ArrayBuffer(8), 2, 4))).toThrow(InvalidArgumentError);
  expect(() => move(Buffer.from('pooled'))).toThrow(/6 of the \d+ bytes/);
});

test('move refuses what is no object, and a list that is none', () => {
  for (const value of [1, 'text', null, undefined, Symbol('s')])
    expect(() => move(value)).toThrow(InvalidArgumentError);
  expect(() => move({}, 5 as unknown as [])).toThrow('the transfer list of move');
});

test('a buffer that stands twice, was moved before or is the shared pool is refused with its place in the list', () => {
  const buffer = new ArrayBuffer(4);
  const detached = new ArrayBuffer(4);
  structuredClone(detached, { transfer: [detached] });
  const pooled = Buffer.from('in the pool');
  expect(() => checkTransfer([buffer, buffer], [])).toThrow('transfer[1] stands twice');
  expect(() => checkTransfer([buffer, detached], [])).toThrow('transfer[1] is an ArrayBuffer that has been moved');
  expect(() => checkTransfer([pooled.buffer as ArrayBuffer], [pooled])).toThrow('transfer[0] is the pool');
  expect(() => pack([move(buffer), move(buffer)])).toThrow(NotCloneableError);
  expect(() => checkTransfer([new ArrayBuffer(0), buffer], [])).not.toThrow();
  expect(buffer.byteLength).toBe(4);
});
