import { randomBytes } from 'node:crypto';

/** One step of a request's way through many services, as https://www.w3.org/TR/trace-context/ has it. */
export interface Span {
  /** The same in all services that a request leads to: 32 hexadecimal digits. */
  readonly traceId: string;
  /** The step: 16 hexadecimal digits. */
  readonly spanId: string;
  readonly flags: string;
}

const pattern = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Read the header `traceparent`; undefined for what is none, since then a new trace begins. */
export function parse(header: string | readonly string[] | undefined): Span | undefined {
  const [, version, traceId, spanId, flags, rest] = pattern.exec(typeof header === 'string' ? header : '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Later versions may have more fields, this one has not.
  return version === '00' && rest !== undefined ? undefined : { traceId, spanId, flags };
}

export function format({ traceId, spanId, flags }: Span): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

/** The next step of a trace, or the first of a new one. */
export function nextSpan(before: Span | undefined): Span {
  const spanId = randomBytes(8).toString('hex');
  return before === undefined
    ? { traceId: randomBytes(16).toString('hex'), spanId, flags: '01' }
    : { ...before, spanId };
}
