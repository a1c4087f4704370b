import type { DeadReason, Message } from '../../index.ts';
import { packDeadError } from '../dead-error.ts';

/** A message, and the consumer for which it was taken. */
export interface RedisMessage<T> extends Message<T> {
  readonly raw: string;
  readonly order: number;
  readonly owner: string;
}

/** A message as Redis gives it. */
export interface Taken {
  readonly id: string;
  /** The number of this delivery, among those of its consumer. */
  readonly order: number;
  readonly attempt: number;
  readonly raw: string;
}

export type Step =
  | readonly [kind: 'acknowledge' | 'giveBack' | 'extend']
  | readonly [kind: 'retry', delayMs: number]
  | readonly [kind: 'bury', reason: DeadReason, error: unknown];

/** A step that waits for its turn. */
export interface Pending {
  readonly message: Taken;
  readonly step: Step;
  readonly answer: (isStored: boolean) => void;
  readonly refuse: (error: Error) => void;
}

/** A JavaScript number as Lua reads it: Infinity is a wait for ever. */
const mostMs = 2 ** 50;

/** The steps of a turn as the script takes them: first how many are acknowledged and which, then five arguments for each of the others. */
export function stepArguments(steps: readonly Pending[], holds: boolean): (string | number)[] {
  const acks: string[] = [];
  const others: (string | number)[] = [];
  for (const { message, step } of steps) {
    const { id, order, attempt, raw } = message;
    if (step[0] === 'acknowledge') {
      acks.push(id);
      continue;
    }
    others.push(step[0], id);
    if (step[0] === 'retry') others.push(Math.min(Math.ceil(step[1]), mostMs), '');
    else if (step[0] === 'bury') others.push(attemptsOf(step[1], attempt), `${step[1]} ${packDeadError(step[2])}`);
    else others.push('', '');
    // Which delivery it is about; or all of the message, where Redis does not hold it.
    others.push(holds ? order : `${order} ${attempt}\n${raw}`);
  }
  return [acks.length, ...acks, ...others];
}

/** The script's answers, in the order of the steps. */
export function readAnswers(steps: readonly Pending[], answers: readonly number[]): boolean[] {
  let ack = 0;
  let other = steps.filter(({ step }) => step[0] === 'acknowledge').length;
  return steps.map(({ step }) => answers[step[0] === 'acknowledge' ? ack++ : other++] === 1);
}

/** A malformed one was taken, and not tried; a poisonous one was taken once more, to be given up. */
function attemptsOf(reason: DeadReason, attempt: number): number {
  if (reason === 'malformed') return 0;
  return reason === 'poison' ? attempt - 1 : attempt;
}

/** What a turn has taken. */
export function readTaken(list: readonly (string | number)[]): Taken[] {
  const taken: Taken[] = [];
  for (let i = 0; i < list.length; i += 4) {
    const [id, order, attempt, raw] = list.slice(i, i + 4);
    taken.push({ id: String(id), order: Number(order), attempt: Number(attempt), raw: String(raw) });
  }
  return taken;
}

/** A message that Redis holds, by its id and the value there. */
export function readHeld(id: string, value: string): Taken {
  const stop = value.indexOf('\n');
  const [order, attempt] = value.slice(0, stop).split(' ').map(Number) as [number, number];
  return { id, order, attempt, raw: value.slice(stop + 1) };
}

/** A message of what was taken; `thrown` by the parser when it is none. */
export function makeMessage<T>(
  taken: Taken,
  name: string,
  owner: string,
  parse: (text: string) => T,
): { readonly message: RedisMessage<T>; readonly thrown?: { readonly error: unknown } } {
  try {
    return { message: { ...taken, name, owner, data: parse(taken.raw) } };
  } catch (error) {
    // The intake hides what is no data.
    return { message: { ...taken, name, owner, data: undefined as T }, thrown: { error } };
  }
}
