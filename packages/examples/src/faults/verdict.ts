import { inspect } from 'node:util';

/** What a fault does to whoever uses the library, from nothing to the worst. */
export const words = [
  'ok',
  'not offered',
  'loses details',
  'loses the error',
  'wrong result',
  'hurts a neighbour',
  'hangs',
  'process dies',
] as const;
export type Word = (typeof words)[number];

export const meanings: Readonly<Record<Word, string>> = {
  ok: 'what is owed',
  'not offered': 'the library has nothing that this could be asked of',
  'loses details': 'the caller hears of the failure, but not all of it',
  'loses the error': 'the caller takes a failure for a success, or is not told what failed',
  'wrong result': 'something else was done than what was asked for',
  'hurts a neighbour': 'another job of the same thread, or a later one, fails for it',
  hangs: 'something never settles, or the process does not end',
  'process dies': 'the whole process ends by it, main thread included',
};

/** One thing that was seen. */
export interface Finding {
  readonly word: Word;
  readonly note?: string;
}

/** The worst of them; `ok` of none. */
export function worstOf(findings: readonly Finding[]): Word {
  return words[Math.max(0, ...findings.map(({ word }) => words.indexOf(word)))] as Word;
}

const mostCharacters = 110;

/** A value, or an error, in a few words. */
export function show(value: unknown): string {
  const text = value instanceof Error ? named(value) : inspect(value, { depth: 1, breakLength: Infinity });
  return oneLine(text);
}

function named({ name, message }: Error): string {
  return message === '' ? `${name} without a message` : `${name}: ${message}`;
}

export function oneLine(text: string): string {
  // Without folders: a page must not differ from machine to machine.
  const line = text
    .replaceAll(/(?:file:\/\/)?(?:\/[^\s/'"`]+)+\//g, '…/')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line;
}
