import { intrinsics } from 'offloop-internal/base/intrinsics.js';
import { LazySignal } from 'offloop-internal/base/lazy-signal.js';
import { expect, test, vi } from 'vitest';

const [first, second] = [new Error('first'), new Error('second')];

test('the signal is the same each time, and aborts with the first reason, which stays', () => {
  const lazy = new LazySignal();
  const { signal } = lazy;
  expect([signal.aborted, lazy.reason]).toEqual([false, undefined]);
  lazy.abort(first);
  lazy.abort(second);
  expect(lazy.signal).toBe(signal);
  expect([signal.reason, lazy.reason]).toEqual([first, first]);
});

test('a signal that is asked for too late has aborted with the first reason', () => {
  const lazy = new LazySignal();
  lazy.abort(first);
  lazy.abort(second);
  expect(lazy.signal.reason).toBe(first);
});

test('the function is called once, with the first reason', () => {
  const lazy = new LazySignal();
  const hear = vi.fn<(reason: Error) => void>();
  lazy.onAbort(hear);
  expect(hear).not.toHaveBeenCalled();
  lazy.abort(first);
  lazy.abort(second);
  expect(hear.mock.calls).toEqual([[first]]);
});

test('a function that comes too late is called at once', () => {
  const lazy = new LazySignal();
  lazy.abort(first);
  const hear = vi.fn<(reason: Error) => void>();
  lazy.onAbort(hear);
  expect(hear.mock.calls).toEqual([[first]]);
});

test('nobody who does not ask pays for a signal', () => {
  const made = vi.spyOn(intrinsics, 'AbortController');
  const lazy = new LazySignal();
  lazy.onAbort(() => {});
  lazy.abort(first);
  expect(made).not.toHaveBeenCalled();
  made.mockRestore();
});
