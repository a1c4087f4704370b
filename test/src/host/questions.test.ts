import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { Questions } from 'offloop-internal/host/questions.js';
import { Holds } from 'offloop-internal/link/holds.js';
import { expect, test } from 'vitest';

test('a question is answered once, by its answer, when its time is over, or when everything is given up', async () => {
  const clock = new FakeClock();
  const questions = new Questions(clock, () => {});
  const asked: number[] = [];
  const ask = (): Promise<string | undefined> => questions.ask<string>(100, (request) => void asked.push(request));
  const [answered, late, givenUp] = [ask(), ask(), ask()];
  expect(new Set(asked).size).toBe(3);
  questions.answer(asked[0] as number, 'yes');
  questions.answer(asked[0] as number, 'no');
  expect(await answered).toBe('yes');
  questions.answer(99, 'nobody asked');
  clock.advance(50);
  questions.answer(asked[2] as number, undefined);
  expect(await givenUp).toBeUndefined();
  clock.advance(50);
  expect(await late).toBeUndefined();
  const last = [ask(), ask()];
  questions.giveUp();
  expect(await Promise.all(last)).toEqual([undefined, undefined]);
  expect(clock.pending).toBe(0);
});

test('a question that is answered while it is being sent resolves', async () => {
  const questions = new Questions(new FakeClock(), () => {});
  expect(await questions.ask(100, (request) => questions.answer(request, 'at once'))).toBe('at once');
});

test('holds reference their target exactly while there is a reason', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (acquires) => {
      let referenced = true;
      const holds = new Holds({ ref: () => (referenced = true), unref: () => (referenced = false) });
      expect(referenced).toBe(false);
      let reasons = 0;
      for (const acquire of acquires) {
        if (acquire) {
          holds.acquire();
          reasons++;
        } else if (reasons > 0) {
          holds.release();
          reasons--;
        }
        expect(referenced).toBe(reasons > 0);
      }
    }),
  );
});
