// Promise 5: errors keep their face, also the one of their stack; what nobody awaits reaches the owner.
import { once } from 'node:events';

import { CancelledError, jobModule, registerError, WorkerLoop, type ErrorContext } from 'offloop';
import { describe, expect, test } from 'vitest';

import { PaymentError } from '../jobs/own-errors.js';
import { basic, failureOf, faulty, thrownBy } from './support.ts';

const payments = jobModule<typeof import('../jobs/own-errors.js')>(new URL('../jobs/own-errors.js', import.meta.url));

describe('promise 5: errors keep their face', () => {
  test('a built-in class, its name and message', async () => {
    await using loop = new WorkerLoop();
    const error = await failureOf(loop.run(faulty.failAsync('with this text')));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.name).toBe('TypeError');
    expect(error.message).toBe('with this text');
  });

  test('a class that registerError knows arrives as itself, also inside an AggregateError and as a cause', async () => {
    await using loop = new WorkerLoop();
    const error = await failureOf(loop.run(payments.pay('A1')));
    expect(error).toBeInstanceOf(PaymentError);
    expect((error as unknown as PaymentError).hint()).toBe('look at A1');
    const several = await failureOf(loop.run(payments.payTogether()));
    expect((several as unknown as AggregateError).errors[0]).toBeInstanceOf(PaymentError);
    expect(several.cause).toMatchObject({ account: 'C3' });
    expect(several.cause).toBeInstanceOf(PaymentError);
  });

  test('registerError refuses what is no class, with advice', () => {
    expect(thrownBy(() => registerError('PaymentError' as never))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringContaining("'PaymentError'") as string,
    });
  });

  test('the stack leads from the throw in the worker to the await here, in this order', async () => {
    await using loop = new WorkerLoop();
    async function inner(): Promise<void> {
      await loop.run(faulty.failAsync('deep'));
    }
    async function outer(): Promise<void> {
      await inner();
    }
    const { stack = '' } = await failureOf(outer());
    const places = ['TypeError: deep', 'failAsync', 'faulty.js', '--- awaited from ---', 'inner', 'outer'];
    const found = places.map((place) => stack.indexOf(place));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(stack.indexOf('promises-errors.test.')).toBeGreaterThan(stack.indexOf('awaited from'));
  });

  test('the stack is joined once, however often the future is awaited', async () => {
    await using loop = new WorkerLoop();
    const future = loop.run(faulty.fail('once'));
    await failureOf(future);
    const again = await failureOf(future);
    expect(again.stack?.split('awaited from')).toHaveLength(2);
  });

  test('the frames of the library below a job are left out', async () => {
    await using loop = new WorkerLoop();
    const { stack = '' } = await failureOf(loop.run(faulty.fail('clean')));
    const [worker = ''] = stack.split('--- awaited from ---');
    expect(worker).toContain('faulty.js');
    expect(worker).not.toContain('packages/core');
  });

  test('a failure of a future that nobody awaits is an error event, and the thread lives', async () => {
    await using loop = new WorkerLoop({ name: 'watched' });
    const told = once(loop, 'error');
    loop.run(faulty.fail('forgotten'));
    const [error, context] = (await told) as [Error, ErrorContext];
    expect(error.message).toBe('forgotten');
    expect(context).toEqual({ origin: 'future', loop: 'watched', job: 'fail' });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });

  test('a failure of a callback is an error event, too', async () => {
    await using loop = new WorkerLoop({ name: 'watched' });
    const told = once(loop, 'error');
    loop.callSoonThreadsafe(faulty.fail, 'in a callback');
    const [error, context] = (await told) as [Error, ErrorContext];
    expect(error.message).toBe('in a callback');
    expect(context).toEqual({ origin: 'callback', loop: 'watched', job: 'fail' });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });

  test('a failure that somebody looks at, in any of the ways there are, is no error event', async () => {
    await using loop = new WorkerLoop();
    const errors: unknown[] = [];
    loop.on('error', (error) => errors.push(error));
    await failureOf(loop.run(faulty.fail('awaited')));
    const inspected = loop.run(faulty.fail('inspected'));
    inspected.addDoneCallback((future) => future.exception());
    const cancelled = loop.run(basic.sleepFor(1e8));
    cancelled.cancel();
    expect(await failureOf(cancelled)).toBeInstanceOf(CancelledError);
    await loop.close();
    expect(errors).toEqual([]);
    expect(loop.stats().unhandled).toBe(0);
  });
});
