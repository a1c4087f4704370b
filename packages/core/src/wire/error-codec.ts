import { inspect } from 'node:util';

import * as ownErrors from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
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
for (const each of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError]) known.set(each.name, each);
for (const each of Object.values(ownErrors)) known.set(each.name, each);

/** How deep causes and collected errors are followed: a cycle ends there, too. */
const maxDepth = 8;
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

/** Make anything thrown ready to travel. Never throws, whatever the getters of a strange error do. */
export function toWire(thrown: unknown, depth = 0): WireThrown {
  try {
    return thrown instanceof Error ? errorToWire(thrown, depth) : { kind: 'value', value: cloneOrText(thrown) };
  } catch (failure) {
    return { kind: 'error', types: ['Error'], name: 'Error', message: `the job threw an error that cannot be read: ${String(failure)}`, stack: undefined, properties: [] };
  }
}

function errorToWire(error: Error, depth: number): WireError {
  const properties: [string, unknown][] = [];
  for (const key of Object.keys(error)) {
    if (!ownFields.has(key)) properties.push([key, readProperty(error, key)]);
  }
  const deeper = depth < maxDepth;
  const { errors } = error as Partial<AggregateError>;
  return {
    kind: 'error',
    types: constructorNames(error),
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === 'string' ? withoutRuntime(error.stack).slice(0, maxStackLength) : undefined,
    properties,
    ...(Object.hasOwn(error, 'cause') && deeper ? { cause: toWire(error.cause, depth + 1) } : {}),
    ...(Array.isArray(errors) && deeper ? { errors: errors.map((each) => toWire(each, depth + 1)) } : {}),
  };
}

/** Drop the frames of the runtime below the job's own: they are the same for every job and tell nothing. */
function withoutRuntime(stack: string): string {
  const at = stack.search(/\n\s+at (?:AsyncLocalStorage\.run .*\n\s+at )?runAs \(/);
  return at < 0 ? stack : stack.slice(0, at);
}

function readProperty(error: Error, key: string): unknown {
  try {
    return cloneOrText((error as unknown as Record<string, unknown>)[key]);
  } catch (failure) {
    return `(unreadable: ${String(failure)})`;
  }
}

function constructorNames(error: Error): string[] {
  if (error instanceof DOMException) return ['DOMException'];
  const names: string[] = [];
  for (let proto: unknown = Object.getPrototypeOf(error); proto !== null && proto !== Object.prototype && names.length < 16; proto = Object.getPrototypeOf(proto)) {
    const { constructor } = proto as { constructor?: unknown };
    if (typeof constructor === 'function' && constructor.name !== '') names.push(constructor.name);
  }
  return names;
}

/** A copy as structured clone gives it, or the text that `util.inspect` shows where there is none. */
function cloneOrText(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return value;
  try {
    return intrinsics.structuredClone(value);
  } catch {
    return inspect(value, { depth: 1, maxStringLength: 200 });
  }
}

/** The error that arrived, for whoever awaits. `job` names what threw, for the JobError that wraps what is no Error. */
export function fromWire(thrown: WireThrown, job: string): Error {
  if (thrown.kind === 'value') return new ownErrors.JobError(`${job} threw ${inspect(thrown.value, { depth: 0 })}, which is not an Error; it is the cause`, { cause: thrown.value });
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
  const type = wire.types.find((name) => known.has(name));
  const errorClass = type === undefined ? undefined : known.get(type);
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
