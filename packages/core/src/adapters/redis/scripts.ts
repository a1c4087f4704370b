import type { Redis } from 'ioredis';

import * as lua from './lua.ts';

type Argument = string | number;

/** A fixed script: ioredis sends its hash, and the text where Redis does not know it yet. */
export class Script<R> {
  readonly #name: string;
  readonly #lua: string;
  readonly #numberOfKeys: number;

  constructor(name: string, text: string, numberOfKeys: number) {
    this.#name = `offloop${name}`;
    this.#lua = text;
    this.#numberOfKeys = numberOfKeys;
  }

  run(client: Redis, keys: readonly string[], args: readonly Argument[]): Promise<R> {
    const commands = client as unknown as Record<string, (...args: Argument[]) => Promise<R>>;
    if (commands[this.#name] === undefined)
      client.defineCommand(this.#name, { lua: this.#lua, numberOfKeys: this.#numberOfKeys });
    return (commands[this.#name] as (...args: Argument[]) => Promise<R>).call(client, ...keys, ...args);
  }
}

/** Answers of the steps; id, order, attempt and payload of each message; how many left the line. Null: the consumer is no member. */
export type TurnReply = readonly [answers: number[], taken: (string | number)[], popped: number] | null;

/** `[0]`: the consumer is no member. */
export type BeatReply =
  | readonly [isMember: 0]
  | readonly [isMember: 1, waiting: number, nextMs: number, held: string[], expired: string[]];

export const scripts: {
  readonly turn: Script<TurnReply>;
  readonly beat: Script<BeatReply>;
  readonly release: Script<number>;
  readonly letters: Script<string[]>;
  readonly requeue: Script<number>;
} = {
  turn: new Script('Turn', lua.turn, 6),
  beat: new Script('Beat', lua.beat, 4),
  release: new Script('Release', lua.release, 4),
  letters: new Script('Letters', lua.letters, 2),
  requeue: new Script('Requeue', lua.requeue, 3),
};
