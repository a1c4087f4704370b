// Rows 29 to 31 of what offloop survives: large payloads, and what moves instead of being copied.
import { MessageChannel } from 'node:worker_threads';

import { move, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, place, thrownBy } from './support.ts';

describe('row 29: a payload of 100 MB', () => {
  test('is copied there and moved back', async () => {
    await using loop = new WorkerLoop();
    const bytes = new Uint8Array(100 * 2 ** 20);
    bytes[bytes.length - 1] = 7;
    expect(await loop.run(place.lengthOf(bytes))).toBe(bytes.length);
    expect(bytes.byteLength).toBe(100 * 2 ** 20);
    const back = await loop.run(place.movedBack(move(bytes)));
    expect(bytes.byteLength).toBe(0);
    expect(back.byteLength).toBe(100 * 2 ** 20);
    expect(back[back.length - 1]).toBe(7);
  });
});

describe('what moves', () => {
  test('a view moves with its whole buffer, and arrives', async () => {
    await using loop = new WorkerLoop();
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await loop.run(place.sum(move(bytes)))).toBe(6);
    expect(bytes.byteLength).toBe(0);
  });

  test('the option transfer names what moves in an argument', async () => {
    await using loop = new WorkerLoop();
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await loop.run(place.sum(bytes), { transfer: [bytes.buffer] })).toBe(6);
    expect(bytes.byteLength).toBe(0);
  });

  test('a MessagePort moves and works in the job', async () => {
    await using loop = new WorkerLoop();
    const { port1, port2 } = new MessageChannel();
    const asked = new Promise((resolve) => void port1.once('message', resolve));
    await loop.run(place.ask(move(port2)));
    expect(await asked).toBe('asked');
  });
});

describe('row 30: a transfer that cannot be', () => {
  test('a buffer that is detached already rejects at the caller', async () => {
    await using loop = new WorkerLoop();
    const bytes = new Uint8Array([1]);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    for (const future of [loop.run(place.sum(bytes), { transfer: [bytes.buffer] }), loop.run(place.sum(move(bytes)))]) {
      expect(future.state).toBe('failed');
      expect(await failureOf(future)).toMatchObject({
        code: 'OFFLOOP_NOT_CLONEABLE',
        message: expect.stringContaining('detached') as string,
      });
    }
  });

  test('the same buffer twice rejects at the caller, and is not detached', async () => {
    await using loop = new WorkerLoop();
    const bytes = new Uint8Array([1]);
    const future = loop.run(place.sum(bytes), { transfer: [bytes.buffer, bytes.buffer] });
    expect(future.state).toBe('failed');
    expect((await failureOf(future)).message).toMatch(/transfer\[1\] stands twice/);
    expect(bytes.byteLength).toBe(1);
  });

  test('a small Buffer from the shared pool is refused, and its neighbours in the pool live', async () => {
    await using loop = new WorkerLoop();
    const small = Buffer.from('small');
    const neighbour = Buffer.from('neighbour');
    expect(thrownBy(() => move(small))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringMatching(/pool.*Uint8Array\.from/) as string,
    });
    const future = loop.run(place.sum(small), { transfer: [small.buffer as ArrayBuffer] });
    expect(future.state).toBe('failed');
    expect((await failureOf(future)).message).toMatch(/pool/);
    expect(neighbour.toString()).toBe('neighbour');
  });

  test('a view on a part of a buffer, and what nobody can move, are refused with advice', () => {
    expect(thrownBy(() => move(new Uint8Array(8).subarray(2)))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringContaining('move a copy') as string,
    });
    expect(thrownBy(() => move(5))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringContaining('got 5') as string,
    });
    expect(thrownBy(() => move({}, {} as never))).toMatchObject({ code: 'OFFLOOP_INVALID_ARGUMENT' });
  });

  test('an object that is not transferable rejects, and the loop goes on', async () => {
    await using loop = new WorkerLoop();
    expect(await failureOf(loop.run(basic.echo({ a: 1 }), { transfer: [{} as never] }))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringContaining('the transfer list of echo') as string,
    });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });
});

describe('row 31: a transfer that is never sent', () => {
  test('the buffer stays where it is: signal aborted before, loop closed, queue full, a neighbour that cannot be cloned', async () => {
    const loop = new WorkerLoop({ maxQueue: 1, onUnhandled: 'ignore' });
    const bytes = new Uint8Array([1]);
    const transfer = [bytes.buffer];
    const refused = [
      loop.run(place.sum(bytes), { transfer, signal: AbortSignal.abort() }),
      loop.run(basic.echo([bytes, () => 1]), { transfer }),
    ];
    const filling = loop.run(basic.add(1, 1));
    refused.push(loop.run(place.sum(bytes), { transfer }));
    expect(await filling).toBe(2);
    await loop.close();
    refused.push(loop.run(place.sum(bytes), { transfer }));
    const codes = await Promise.all(refused.map(async (future) => (await failureOf(future)).code));
    expect(codes).toEqual(['ABORT_ERR', 'OFFLOOP_NOT_CLONEABLE', 'OFFLOOP_QUEUE_FULL', 'OFFLOOP_LOOP_CLOSED']);
    expect(bytes.byteLength).toBe(1);
  });
});
