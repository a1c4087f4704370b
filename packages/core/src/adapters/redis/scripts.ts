import type { Redis } from 'ioredis';

import * as lua from './lua.ts';

type Argument = string | number;

/** A fixed script: ioredis sends its hash, and the text where Redis does not know it yet. */
export class Script<R> {
  readonly #name: string;
  readonly #lua: string;

  constructor(name: string, text: string) {
    this.#name = `offloop${name}`;
    this.#lua = text;
  }

  run(client: Redis, keys: readonly string[], args: readonly Argument[]): Promise<R> {
    const commands = client as unknown as Record<string, (...args: Argument[]) => Promise<R>>;
    if (commands[this.#name] === undefined) client.defineCommand(this.#name, { lua: this.#lua });
    return (commands[this.#name] as (...args: Argument[]) => Promise<R>).call(client, keys.length, ...keys, ...args);
  }
}

/** Answers of the steps; id, order, attempt and payload of each message; how many left the line. Null: the consumer is no member. */
export type TurnReply = readonly [answers: number[], taken: (string | number)[], popped: number] | null;

/** `[0]`: the consumer is no member. */
export type BeatReply =
  | readonly [isMember: 0]
  | readonly [isMember: 1, waiting: number, nextMs: number, held: string[], expired: string[]];

/** Who consumes; then how many wait, are delayed, are dead, and are held by those whose keys were given. */
export type CountReply = readonly [owners: string[], waiting: number, delayed: number, dead: number, held: number];

export const scripts: {
  readonly turn: Script<TurnReply>;
  readonly beat: Script<BeatReply>;
  readonly release: Script<number>;
  readonly letters: Script<string[]>;
  readonly requeue: Script<number>;
  readonly count: Script<CountReply>;
} = {
  turn: new Script('Turn', lua.turn),
  beat: new Script('Beat', lua.beat),
  release: new Script('Release', lua.release),
  letters: new Script('Letters', lua.letters),
  requeue: new Script('Requeue', lua.requeue),
  count: new Script('Count', lua.count),
};
