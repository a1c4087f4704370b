// Rows 1 to 9 of what offloop survives: what jobs throw, return and are given.
import { JobError, NotCloneableError, WorkerLoop } from 'offloop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, place, reported, shared, sharedWords } from './support.ts';

let loop: WorkerLoop;
beforeAll(() => {
  loop = new WorkerLoop({ name: 'values' });
});
afterAll(async () => {
  // What these rows do has neither ended the thread nor left anything behind.
  expect(await loop.run(basic.add(1, 1))).toBe(2);
  expect(loop.stats()).toMatchObject({ state: 'running', inFlight: 0, unhandled: 0, garbage: 0 });
  await loop.close();
});

describe('row 1: a job throws', () => {
  test.each([
    ['sync', faulty.fail],
    ['async', faulty.failAsync],
  ] as const)('%s: the future rejects with its error and the loop goes on', async (_how, job) => {
    const error = await failureOf(loop.run(job('broken')));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('broken');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });
});

describe('row 2: a job throws what is no Error', () => {
  test.each([
    ['null', null],
    ['undefined', undefined],
    ['string', 'a string'],
    ['symbol', 'Symbol(mark)'],
    ['function', '[Function: culprit]'],
  ] as const)(
    '%s: rejects with a JobError whose cause is that value, or its text where it cannot travel',
    async (what, cause) => {
      for (const future of [loop.run(faulty.throwStrange(what)), loop.run(faulty.throwStrangeAsync(what))]) {
        const error = await failureOf(future);
        expect(error).toBeInstanceOf(JobError);
        expect(error.code).toBe('OFFLOOP_JOB_THREW');
        expect(Object.hasOwn(error, 'cause')).toBe(true);
        expect(error.cause).toBe(cause);
        expect(error.message).toMatch(/job throwStrange(Async)? on loop 'values' threw /);
      }
    },
  );
});

describe('row 3: errors with more to them', () => {
  test('code, own properties and the chain of causes survive; what cannot be cloned becomes its text', async () => {
    const error = await failureOf(loop.run(faulty.failRichly()));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: 'the top',
      code: 'E_TOP',
      details: { a: [1, new Map([['k', 1n]])] },
      hook: '[Function: hook]',
    });
    expect(error.cause).toMatchObject({ message: 'the middle', code: 'E_MIDDLE' });
    const root = (error.cause as Error).cause;
    expect(root).toBeInstanceOf(SyntaxError);
    expect(root).toMatchObject({ message: 'the root', line: 7 });
  });

  test('an AggregateError keeps its errors', async () => {
    const error = (await failureOf(loop.run(faulty.failTogether()))) as unknown as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toBe('together');
    expect(error.errors).toHaveLength(3);
    expect(error.errors[0]).toBeInstanceOf(TypeError);
    expect(error.errors[1]).toMatchObject({ message: 'second', code: 'E2' });
    expect(error.errors[2]).toBe('third');
  });

  test('a DOMException keeps its name and code', async () => {
    const error = await failureOf(loop.run(faulty.failAsDom()));
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'QuotaExceededError', code: 22, message: 'quota is over' });
  });

  test('a class that nobody registered keeps its name and its properties', async () => {
    const error = await failureOf(loop.run(faulty.failAsOwn()));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'PlainOwnError', account: 'A1', message: 'of an own class' });
  });

  test('a huge stack is cut', async () => {
    const error = await failureOf(loop.run(faulty.failWithHugeStack()));
    expect(error.message).toBe('huge');
    expect(error.stack?.length).toBeLessThan(20_000);
  });

  test('a property that throws when it is read does not hide the error', async () => {
    const error = await failureOf(loop.run(faulty.failWithGetters()));
    expect(error).toMatchObject({ message: 'seen', trap: expect.stringContaining('trapped') as string });
  });
});

describe('row 4: a result that cannot be cloned', () => {
  test('at the top: rejects with an error that says what it was, and neighbours go on', async () => {
    const words = sharedWords();
    const neighbour = loop.run(shared.sleepWithFinally(words));
    await reported(words);
    const error = await failureOf(loop.run(faulty.returnFunction()));
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error.message).toMatch(/result of returnFunction.*function/);
    expect(neighbour.state).toBe('running');
    neighbour.cancel();
  });

  test('deep inside: the error names the path of the culprit', async () => {
    const error = await failureOf(loop.run(faulty.returnDeeplyUncloneable()));
    expect(error).toMatchObject({
      code: 'OFFLOOP_NOT_CLONEABLE',
      path: 'the result of returnDeeplyUncloneable.user.list[1].onClick',
    });
  });

  test('an item of a stream: the items before it arrive, then the error', async () => {
    const items: unknown[] = [];
    const taking = (async () => {
      for await (const item of loop.run(faulty.yieldUncloneable())) items.push(item);
    })();
    expect(await failureOf(taking)).toMatchObject({
      code: 'OFFLOOP_NOT_CLONEABLE',
      path: 'an item of yieldUncloneable.bad',
    });
    expect(items).toEqual([1]);
  });
});

describe('row 5: an argument that cannot be cloned', () => {
  test('rejects at the caller at once; nothing is queued and nothing else is affected', async () => {
    const before = loop.run(basic.add(1, 1));
    const inFlight = loop.stats().inFlight;
    const bad = loop.run(basic.echo({ list: [{ onClick() {} }] }));
    expect(bad.state).toBe('failed');
    expect(loop.stats().inFlight).toBe(inFlight);
    const after = loop.run(basic.add(2, 2));
    expect(await failureOf(bad)).toMatchObject({
      code: 'OFFLOOP_NOT_CLONEABLE',
      path: 'argument 1 of echo.list[0].onClick',
    });
    expect([await before, await after]).toEqual([2, 4]);
  });

  test('of a callback: throws at the call', () => {
    expect(() => loop.callSoonThreadsafe(basic.echo, () => 1)).toThrow(NotCloneableError);
  });
});

describe('row 6: values that structured clone knows', () => {
  test('arrive as structured clone gives them, as arguments and as results', async () => {
    const circular: Record<string, unknown> = { name: 'loop' };
    circular['self'] = circular;
    const twice = { n: 1 };
    const values = [
      circular,
      [twice, twice],
      new Map<unknown, unknown>([[1, new Set(['a'])]]),
      12n,
      new Date(5),
      new Float64Array([1.5, NaN]),
      /a+/giu,
      [new RangeError('nested')],
      -0,
      [, 1],
      undefined,
    ];
    for (const value of values) {
      const arrived = await loop.run(basic.echo(value));
      expect(arrived).toEqual(structuredClone(value));
      expect(arrived === undefined || Object.is(arrived, -0) || typeof arrived === 'bigint' || arrived !== value).toBe(
        true,
      );
    }
    const back = (await loop.run(basic.echo(circular))) as typeof circular;
    expect(back['self']).toBe(back);
    const [first, second] = (await loop.run(basic.echo([twice, twice]))) as [object, object];
    expect(first).toBe(second);
    expect(await loop.run(place.describe(new Map()))).toBe('[object Map]');
    expect(0 in ((await loop.run(basic.echo([, 1]))) as number[])).toBe(false);
  });
});

describe('row 7: an argument that is nested 100,000 deep', () => {
  test('rejects, and both ends are alive', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect((await failureOf(loop.run(basic.echo(deep)))).code).toBe('OFFLOOP_NOT_CLONEABLE');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });

  test('a result of that kind rejects, too', async () => {
    expect((await failureOf(loop.run(faulty.returnDeep(100_000)))).code).toBe('OFFLOOP_NOT_CLONEABLE');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });

  // Structured clone writes deeper values than it can read where the other side's stack is smaller.
  test('a result that only this side finds too deep rejects, too', async () => {
    const error = await failureOf(loop.run(faulty.returnDeep(6_000)));
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error.message).toMatch(/result of returnDeep .* too deeply nested to be read here/);
  });

  test('an argument that only the thread finds too deep rejects, too', async () => {
    await using small = new WorkerLoop({ resourceLimits: { stackSizeMb: 0.5 } });
    let deep: unknown = 1;
    for (let i = 0; i < 2_000; i++) deep = [deep];
    const bad = small.run(basic.echo(deep));
    const next = small.run(basic.add(1, 1));
    expect((await failureOf(bad)).message).toMatch(/too deeply nested to be read there/);
    expect(await next).toBe(2);
  });
});

describe('row 8: __proto__ as a key of data', () => {
  test('stays data, and Object.prototype is untouched', async () => {
    const evil = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object;
    expect(await loop.run(place.keysOf(evil))).toEqual({ own: ['__proto__', 'a'], polluted: false });
    const back = (await loop.run(basic.echo({ deep: [evil] }))) as { deep: object[] };
    expect(Object.keys(back.deep[0] ?? {})).toEqual(['__proto__', 'a']);
    expect('polluted' in {}).toBe(false);
  });
});

describe('row 9: a getter or a Proxy in an argument that throws', () => {
  test('rejects at the caller with what was thrown as the cause', async () => {
    const trapped = new Error('trapped');
    const getter = {
      get value(): never {
        throw trapped;
      },
    };
    const future = loop.run(basic.echo([getter]));
    expect(future.state).toBe('failed');
    const error = await failureOf(future);
    expect(error.code).toBe('OFFLOOP_NOT_CLONEABLE');
    expect(error.cause).toBe(trapped);
    const throws = (): never => {
      throw trapped;
    };
    for (const handler of [{ ownKeys: throws }, { getPrototypeOf: throws }, { get: throws }]) {
      const proxied = loop.run(basic.echo(new Proxy({}, handler)));
      expect(proxied.state).toBe('failed');
      expect((await failureOf(proxied)).code).toBe('OFFLOOP_NOT_CLONEABLE');
    }
  });
});
