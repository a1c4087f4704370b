import { inspect, types } from 'node:util';

import { errorCodes } from '../base/error-codes.ts';
import * as ownErrors from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import * as messageErrors from '../base/message-errors.ts';
import { aFunction, mustBe } from '../base/options.ts';
import { markRemote, maxStackLength, setStack } from '../base/stacks.ts';

// Structured clone loses of an Error its class, name, code and other own properties, and all of an AggregateError's
// errors. So errors travel as plain records and are put together again on the other side.

/** Something thrown, as it travels. It never contains anything that cannot be cloned. */
export type WireThrown = WireError | WireValue;

interface WireError {
  readonly kind: 'error';
  /** Constructor names from the error's own class upwards; the receiver takes the first that it knows. */
  readonly types: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly properties: readonly (readonly [key: string, value: unknown])[];
  readonly cause?: WireThrown;
  readonly errors?: readonly WireThrown[];
}

/** Thrown, but no Error. */
interface WireValue {
  readonly kind: 'value';
  readonly value: unknown;
}

type ErrorClass = abstract new (...args: never[]) => Error;

const known = new Map<string, ErrorClass>();
for (const each of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError])
  known.set(each.name, each);
/** The library's own, by name. A job may have a TimeoutError of its own: only one with a code of ours is one of ours. */
const ours = new Map<string, ErrorClass>(
  [...Object.values(ownErrors), ...Object.values(messageErrors)].map((each) => [each.name, each]),
);

/** How deep causes and collected errors are followed, and how many there may be in all. */
const maxDepth = 8;
const maxErrors = 100;
const ownFields = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/**
 * Let errors of your own class arrive as instances of it. Call it where both threads come by, best in the module that
 * defines the class; the constructor is not called on arrival, the prototype and the own properties are set.
 *
 * @example
 * export class PaymentError extends Error { account = 'unknown'; }
 * registerError(PaymentError);
 */
export function registerError(errorClass: ErrorClass, name: string = errorClass?.name): void {
  mustBe('the class for registerError', errorClass, aFunction);
  known.set(name, errorClass);
}

/**
 * Make anything thrown ready to travel over a channel of your own (`packError`): a record that structured clone takes, whole
 * with class names, properties, cause and stack. Never throws, whatever the getters of a strange error do. Its inverse is
 * `unpackError`.
 *
 * @example
 * const record = structuredClone(packError(Object.assign(new RangeError('too far'), { metres: 7 })));
 * const error = unpackError(record, 'my channel') as RangeError & { metres: number };
 * console.log(error instanceof RangeError, error.message, error.metres); // true too far 7
 */
export function toWire(thrown: unknown): WireThrown {
  return thrownToWire(thrown, 0, new Set());
}

/** `met` holds the errors met so far: each travels whole once, so that a cycle ends, and many that share causes stay few. */
function thrownToWire(thrown: unknown, depth: number, met: Set<unknown>): WireThrown {
  try {
    return isError(thrown) ? errorToWire(thrown, depth, met) : { kind: 'value', value: cloneOrText(thrown) };
  } catch (failure) {
    return {
      kind: 'error',
      types: ['Error'],
      name: 'Error',
      message: `the job threw an error that cannot be read: ${unreadable(failure)}`,
      stack: undefined,
      properties: [],
    };
  }
}

/** Also an error of another realm, as `node:vm` makes them. */
function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof Error;
}

function errorToWire(error: Error, depth: number, met: Set<unknown>): WireError {
  const wire = {
    kind: 'error',
    types: read(
      () => constructorNames(error),
      () => ['Error'],
    ),
    name: read(() => String(error.name), unreadable),
    message: read(() => String(error.message), unreadable),
    stack: read(
      () => (typeof error.stack === 'string' ? withoutRuntime(error.stack).slice(0, maxStackLength) : undefined),
      () => undefined,
    ),
  } as const;
  if (met.has(error) || met.size >= maxErrors) return { ...wire, properties: [] };
  met.add(error);
  const errors: unknown = read(
    () => (error as Partial<AggregateError>).errors,
    () => undefined,
  );
  const deeper = depth < maxDepth;
  const properties: [string, unknown][] = [];
  for (const key of Object.keys(error)) {
    if (!ownFields.has(key) || (key === 'errors' && !Array.isArray(errors)))
      properties.push([key, readProperty(error, key)]);
  }
  return {
    ...wire,
    properties,
    ...(Object.hasOwn(error, 'cause') && deeper
      ? {
          cause: thrownToWire(
            read(() => error.cause, unreadable),
            depth + 1,
            met,
          ),
        }
      : {}),
    ...(Array.isArray(errors) && deeper ? { errors: errors.map((each) => thrownToWire(each, depth + 1, met)) } : {}),
  };
}

function read<T>(get: () => T, otherwise: (failure: unknown) => T): T {
  try {
    return get();
  } catch (failure) {
    return otherwise(failure);
  }
}

/** The text in place of what threw when it was read; what it threw may resist being read, too. */
function unreadable(failure: unknown): string {
  return read(
    () => `(unreadable: ${String(failure)})`,
    () => '(unreadable)',
  );
}

/** Drop the frames of the runtime below the job's own: they are the same for every job and tell nothing. */
function withoutRuntime(stack: string): string {
  const at = stack.search(
    /\n\s+at (?:guarded .*\n\s+at )?(?:AsyncLocalStorage\.run .*\n\s+at )?run(?:Here|As|Alone) \(/,
  );
  return at < 0 ? stack : stack.slice(0, at);
}

function readProperty(error: Error, key: string): unknown {
  return read(() => cloneOrText((error as unknown as Record<string, unknown>)[key]), unreadable);
}

function constructorNames(error: Error): string[] {
  if (error instanceof DOMException) return ['DOMException'];
  const names: string[] = [];
  for (
    let proto: unknown = Object.getPrototypeOf(error);
    proto !== null && proto !== Object.prototype && names.length < 16;
    proto = Object.getPrototypeOf(proto)
  ) {
    const { constructor } = proto as { constructor?: unknown };
    if (typeof constructor === 'function' && constructor.name !== '') names.push(constructor.name);
  }
  return names;
}

/**
 * A copy as structured clone gives it, or the text that `util.inspect` shows where there is none. Text, too, for what is
 * nested deeply: a worker has the stack to copy what its owner has not the stack to read.
 */
export function cloneOrText(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return value;
  try {
    if (depthOf(value, 100) < 100) return intrinsics.structuredClone(value);
  } catch {
    // Shown instead.
  }
  return inspect(value, { depth: 1, maxStringLength: 200, maxArrayLength: 20 });
}

/** About how deeply a value is nested, up to `limit`; each object is looked into once. */
function depthOf(value: unknown, limit: number, met: Set<unknown> = new Set()): number {
  if (typeof value !== 'object' || value === null || limit === 0 || met.has(value)) return 0;
  met.add(value);
  let deepest = 0;
  const parts =
    value instanceof Map
      ? [...value.keys(), ...value.values()]
      : value instanceof Set
        ? [...value]
        : ArrayBuffer.isView(value)
          ? []
          : Object.values(value);
  for (const part of parts) {
    deepest = Math.max(deepest, depthOf(part, limit - 1, met));
    if (deepest >= limit - 1) break;
  }
  return deepest + 1;
}

/**
 * The error that arrived (`unpackError`), of its own class where that is built in, offloop's or registered. `job` names what
 * threw, for the JobError that wraps what is no Error.
 */
export function fromWire(thrown: WireThrown, job: string): Error {
  if (thrown.kind === 'value')
    return new ownErrors.JobError(
      `${job} threw ${inspect(thrown.value, { depth: 0 })}, which is not an Error; it is the cause`,
      { cause: thrown.value },
    );
  return markRemote(errorFromWire(thrown));
}

function errorFromWire(wire: WireError): Error {
  const error = blankError(wire);
  if (wire.stack !== undefined) setStack(error, wire.stack);
  for (const [key, value] of wire.properties) define(error, key, value, true);
  if (wire.cause !== undefined) define(error, 'cause', thrownFromWire(wire.cause), false);
  if (wire.errors !== undefined) define(error, 'errors', wire.errors.map(thrownFromWire), false);
  return error;
}

/** An error of the first class in the list that is known here, with its message and name. */
function blankError(wire: WireError): Error {
  if (wire.types[0] === 'DOMException') return new DOMException(wire.message, wire.name);
  const error = new Error(wire.message);
  const isOurs = wire.properties.some(([key, value]) => key === 'code' && Object.hasOwn(errorCodes, value as string));
  const find = (name: string): ErrorClass | undefined => known.get(name) ?? (isOurs ? ours.get(name) : undefined);
  const errorClass = wire.types.map(find).find((each) => each !== undefined);
  if (errorClass !== undefined) Object.setPrototypeOf(error, errorClass.prototype as object);
  if (error.name !== wire.name) define(error, 'name', wire.name, false);
  return error;
}

function thrownFromWire(thrown: WireThrown): unknown {
  return thrown.kind === 'value' ? thrown.value : errorFromWire(thrown);
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Reflect.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
