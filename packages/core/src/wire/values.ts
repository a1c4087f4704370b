import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';

import { NotCloneableError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { shown } from '../base/options.ts';
import { checkTransfer, Moved } from './move.ts';

/** Values as a job gave them, with what in them moves. */
export interface Packed {
  readonly values: readonly unknown[];
  readonly transfer: readonly Transferable[];
}

const nothing: readonly Transferable[] = [];

/** Make arguments (or a result, as a list of one) ready for structured clone. `moved` are those that the call's `transfer` option names. */
export function pack(given: readonly unknown[], moved: readonly Transferable[] = nothing): Packed {
  const values: unknown[] = [];
  let transfer = moved;
  for (const each of given) {
    if (each instanceof Moved) {
      values.push(each.value);
      transfer = [...transfer, ...each.transfer];
    } else values.push(each);
  }
  if (transfer.length > 0) checkTransfer(transfer, values);
  else if (values.some(isUnawaited)) throw new TypeError('it has to be awaited first');
  return { values, transfer };
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
