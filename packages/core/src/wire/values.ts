import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';

import { NotCloneableError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { shown } from '../base/options.ts';
import { checkTransfer, Moved } from './move.ts';

// How values are made ready for a message. What is small and plain is copied at once into fresh objects: such a copy can
// wait in a batch with others (it cannot fail, later changes of the original do not show, two calls with the same object
// get two copies). Everything else is left to structured clone, in a message of its own, also at once.

/** The answer of `snapshot` for a value that must go through structured clone by itself. */
export const notPlain: unique symbol = Symbol('offloop.notPlain');

/** Above this many objects and entries, or characters, a value is not worth copying by hand. */
const maxEntries = 64;
const maxCharacters = 4096;

interface Budget {
  entries: number;
  characters: number;
  /** The objects met so far: structured clone keeps shared references and cycles, a copy by hand does not. */
  readonly met: object[];
}

/**
 * A copy of a small plain value: primitives, and plain objects and arrays of these. `notPlain` for anything whose copy
 * could differ in any way from what structured clone gives.
 */
export function snapshot(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return isPlainPrimitive(value) ? value : notPlain;
  return copy(value, { entries: 0, characters: 0, met: [] });
}

function isPlainPrimitive(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= maxCharacters
    : typeof value !== 'function' && typeof value !== 'symbol';
}

function copy(value: object, budget: Budget): unknown {
  if (budget.met.includes(value) || types.isProxy(value)) return notPlain;
  budget.met.push(value);
  if (Array.isArray(value)) return copyArray(value, budget);
  return Object.getPrototypeOf(value) === Object.prototype && !types.isArgumentsObject(value)
    ? copyObject(value, budget)
    : notPlain;
}

function copyArray(value: readonly unknown[], budget: Budget): unknown {
  // More keys than elements: holes or named properties.
  if (
    value.length > maxEntries ||
    Object.getPrototypeOf(value) !== Array.prototype ||
    Reflect.ownKeys(value).length !== value.length + 1
  )
    return notPlain;
  const result: unknown[] = [];
  for (let index = 0; index < value.length; index++) {
    if (!copyInto(result, index, value, budget)) return notPlain;
  }
  // An element that is not enumerable becomes a hole, also at the end.
  result.length = value.length;
  return result;
}

function copyObject(value: object, budget: Budget): unknown {
  const result: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') continue;
    budget.characters += key.length;
    // Assigning to an inherited name may call a setter or be refused (`__proto__`, a polluted or frozen Object.prototype).
    if (key in Object.prototype || !copyInto(result, key, value, budget)) return notPlain;
  }
  return result;
}

/** Copy one own property; false when it is an accessor or leads to something that is not plain. */
function copyInto(target: object, key: string | number, source: object, budget: Budget): boolean {
  const property = Object.getOwnPropertyDescriptor(source, key);
  if (property === undefined || !('value' in property) || ++budget.entries > maxEntries) return false;
  if (!property.enumerable) return true;
  let value: unknown = property.value;
  if (typeof value === 'string') budget.characters += value.length;
  if (typeof value === 'object' && value !== null) value = copy(value, budget);
  else if (!isPlainPrimitive(value)) return false;
  if (value === notPlain || budget.characters > maxCharacters) return false;
  (target as Record<string | number, unknown>)[key] = value;
  return true;
}

/** Values ready to be sent: in a batch when they are copies, else alone and with what moves. */
export interface Packed {
  readonly values: readonly unknown[];
  readonly alone: boolean;
  readonly transfer: readonly Transferable[];
}

const nothing: readonly Transferable[] = [];

/** Make arguments (or a result, as a list of one) ready. `moved` are those that the call's `transfer` option names. */
export function pack(given: readonly unknown[], moved: readonly Transferable[] = nothing): Packed {
  const values: unknown[] = [];
  let transfer = moved;
  let alone = moved.length > 0;
  for (const each of given) {
    if (each instanceof Moved) {
      values.push(each.value);
      transfer = [...transfer, ...each.transfer];
      alone = true;
    } else values.push(each);
  }
  if (alone) {
    checkTransfer(transfer, values);
    return { values, alone, transfer };
  }
  const copies: unknown[] = [];
  for (const each of values) {
    const copied = snapshot(each);
    if (copied === notPlain) {
      if (values.some(isUnawaited)) throw new TypeError('it has to be awaited first');
      return { values, alone: true, transfer };
    }
    copies.push(copied);
  }
  return { values: copies, alone: false, transfer };
}

/** Structured clone makes an empty object of a coroutine or a future; whoever passes one has forgotten an `await`. */
function isUnawaited(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || types.isProxy(value) || Object.hasOwn(value, 'then')) return false;
  return 'then' in value && typeof value.then === 'function';
}

/** The error for values that structured clone has refused: says which part of which value it was. */
export function notCloneable(
  values: readonly unknown[],
  names: (index: number) => string,
  cause: unknown,
): NotCloneableError {
  const found = culpritError(values, names, cause, nothing);
  if (found !== undefined) return found;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NotCloneableError(names(0), `${names(0)} cannot be sent to another thread: ${reason}`, { cause });
}

/** The same where a part of one of the values is to blame; undefined when all can be cloned. What moves is not. */
export function culpritError(
  values: readonly unknown[],
  names: (index: number) => string,
  cause: unknown,
  transfer: readonly Transferable[],
): NotCloneableError | undefined {
  const met = new Set<unknown>(transfer);
  for (const [index, value] of values.entries()) {
    const culprit = findCulprit(value, names(index), { left: 2000, met });
    if (culprit === undefined) continue;
    const { path, text } = culprit;
    const message = `${path} cannot be sent to another thread: it is ${text}; send plain data, or move() what can be moved`;
    return new NotCloneableError(path, message, { cause });
  }
  return undefined;
}

/** What structured clone must not copy, since it would be empty on the other side: it travels beside the value that it is in. */
export class Uncopied {
  /** A function, so that structured clone refuses one that was not taken out before. */
  readonly onlyInPlainData = (): void => {};
}

interface Culprit {
  readonly path: string;
  readonly text: string;
}

/** Depth first: the deepest part that cannot be cloned although all of its own parts can. */
function findCulprit(
  value: unknown,
  path: string,
  budget: { left: number; readonly met: Set<unknown> },
  depth = 0,
): Culprit | undefined {
  if (isUnawaited(value)) return { path, text: `${shown(value)}, which has to be awaited first` };
  if (budget.left-- <= 0 || budget.met.has(value) || clones(value)) return undefined;
  if (!types.isProxy(value) && value instanceof Uncopied)
    return { path, text: `${shown(value)}, which is sent in plain objects and arrays only` };
  if (!types.isProxy(value) && value instanceof Moved)
    return {
      path,
      text: 'a move() inside another value; move() is for an argument, result or item as a whole, with what moves in its list',
    };
  let circular = false;
  if (typeof value === 'object' && value !== null && depth < 64) {
    budget.met.add(value);
    for (const [step, part] of partsOf(value)) {
      // Whoever met it first looks at its parts; what moves is no culprit.
      if (budget.met.has(part)) circular = true;
      else {
        const culprit = findCulprit(part, path + step, budget, depth + 1);
        if (culprit !== undefined) return culprit;
      }
    }
  }
  if (circular && depth > 0) return undefined;
  return depth >= 64 ? { path, text: 'nested too deeply' } : { path, text: shown(value) };
}

function clones(value: unknown): boolean {
  try {
    intrinsics.structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

// A subclass may iterate otherwise, or throw.
/* oxlint-disable typescript/unbound-method -- called with the map or set as `this` */
const { entries: mapEntries } = Map.prototype;
const { values: setValues } = Set.prototype;
/* oxlint-enable typescript/unbound-method */

function* partsOf(value: object): Generator<readonly [step: string, part: unknown]> {
  if (types.isProxy(value)) return;
  if (value instanceof Map) {
    for (const [key, item] of mapEntries.call(value) as IterableIterator<[unknown, unknown]>) {
      yield [`.keys(${shown(key)})`, key];
      yield [`.get(${shown(key)})`, item];
    }
  } else if (value instanceof Set)
    for (const item of setValues.call(value) as IterableIterator<unknown>) yield [`.has(${shown(item)})`, item];
  for (const key of Object.keys(value)) {
    const step = Array.isArray(value)
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`;
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && 'value' in property) yield [step, property.value];
  }
}
