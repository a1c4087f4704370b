// Imported on both sides: by the service, and by the module of its jobs. Each thread has its own storage, and carry() takes
// the span from one to the other.
import { AsyncLocalStorage } from 'node:async_hooks';

import { carry } from 'offloop';

import { format, nextSpan, parse, type Span } from './traceparent.ts';

const spans = new AsyncLocalStorage<Span>();

carry({
  name: 'traceparent',
  // A job is a step of its own.
  get: () => (spans.getStore() === undefined ? undefined : format(nextSpan(spans.getStore()))),
  run: (traceparent, fn) => spans.run(parse(traceparent) ?? nextSpan(undefined), fn),
});

/** Call `fn` in the trace that a request belongs to, or in a new one. */
export function traced<R>(traceparent: string | readonly string[] | undefined, fn: () => R): R {
  return spans.run(nextSpan(parse(traceparent)), fn);
}

/** The trace that this code runs for. */
export function traceId(): string | undefined {
  return spans.getStore()?.traceId;
}

/** For a request to another service. */
export function traceHeaders(): Record<string, string> {
  const span = spans.getStore();
  return span === undefined ? {} : { traceparent: format(nextSpan(span)) };
}
