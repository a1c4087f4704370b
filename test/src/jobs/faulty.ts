// Jobs that misbehave, one way each.
import { EventEmitter } from 'node:events';

export const notAJob = 42;
export class AlsoNotAJob {}

const strange = {
  null: null,
  undefined: undefined,
  string: 'a string',
  symbol: Symbol('mark'),
  function: function culprit() {},
};
export type Strange = keyof typeof strange;

export function throwStrange(what: Strange): void {
  throw strange[what];
}

export async function throwStrangeAsync(what: Strange): Promise<void> {
  await null;
  throw strange[what];
}

export function fail(message: string): void {
  throw new TypeError(message);
}

export async function failAsync(message: string): Promise<void> {
  await null;
  throw new TypeError(message);
}

export class PlainOwnError extends Error {
  override name = 'PlainOwnError';
}

export function failRichly(): void {
  const root = Object.assign(new SyntaxError('the root'), { line: 7 });
  const middle = Object.assign(new Error('the middle', { cause: root }), { code: 'E_MIDDLE' });
  const error = Object.assign(new RangeError('the top', { cause: middle }), {
    code: 'E_TOP',
    details: { a: [1, new Map([['k', 1n]])] },
    hook: () => 1,
  });
  throw error;
}

export function failTogether(): void {
  throw new AggregateError(
    [new TypeError('first'), Object.assign(new Error('second'), { code: 'E2' }), 'third'],
    'together',
  );
}

export function failAsDom(): void {
  throw new DOMException('quota is over', 'QuotaExceededError');
}

export function failAsOwn(): void {
  throw Object.assign(new PlainOwnError('of an own class'), { account: 'A1' });
}

export function failWithHugeStack(): void {
  const error = new Error('huge');
  error.stack = `Error: huge\n${'    at frame (file.js:1:1)\n'.repeat(100_000)}`;
  throw error;
}

export function failWithGetters(): void {
  const error = new Error('seen');
  Object.defineProperty(error, 'trap', {
    enumerable: true,
    get: () => {
      throw new Error('trapped');
    },
  });
  throw error;
}

export function returnFunction(): unknown {
  return () => 1;
}

export async function returnDeeplyUncloneable(): Promise<unknown> {
  await null;
  return { user: { list: [1, { onClick: function onClick() {} }] } };
}

export function returnDeep(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

export async function* yieldUncloneable(): AsyncGenerator<unknown, void, undefined> {
  yield 1;
  yield { bad: Symbol('s') };
}

export function overflow(): number {
  return 1 + overflow();
}

/** Fails when it is called with these words for the first time. */
export function failOnce(words: Int32Array): void {
  if (Atomics.add(words, 0, 1) === 0) throw new RangeError('the first time');
}

export function exit(code: number): void {
  process.exit(code);
}

export function setExitCode(code: number): void {
  process.exitCode = code;
}

export function resultThenExit(code: number): string {
  setImmediate(() => process.exit(code));
  return 'sent before';
}

export function fillMemory(): number {
  const list: unknown[] = [];
  for (;;) list.push([1, 2, 3]);
}

export function rejectInBackground(message: string): string {
  void Promise.reject(new TypeError(message));
  return 'fine';
}

export function rejectAfterwards(message: string): string {
  setTimeout(() => void Promise.reject(new TypeError(message)), 1);
  return 'fine';
}

export function throwInTimer(message: string): string {
  setTimeout(() => {
    throw new TypeError(message);
  }, 1);
  return 'fine';
}

export function throwInEvent(message: string): string {
  const emitter = new EventEmitter();
  emitter.on('it', () => {
    throw new TypeError(message);
  });
  setImmediate(() => emitter.emit('it'));
  return 'fine';
}

export function emitUnheardError(message: string): string {
  setImmediate(() => new EventEmitter().emit('error', new TypeError(message)));
  return 'fine';
}
