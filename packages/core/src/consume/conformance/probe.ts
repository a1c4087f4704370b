import assert from 'node:assert/strict';

import { deferred } from '../../base/deferred.ts';
import { intrinsics } from '../../base/intrinsics.ts';
import type { DeadLetter, Delivery, Intake, IntakeOptions } from '../source.ts';
import type { SourceFault, SourceRig } from './rig.ts';

/** A case, and what its rig must be able to do for it. */
export type Case = readonly [name: string, run: (bench: Bench) => Promise<void>, ...needs: SourceFault[]];

/** A delivery that a probe has got, and has to settle. */
export interface Got {
  readonly delivery: Delivery<number>;
  readonly resolve: (result?: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** For handlers that have nothing to do. */
export function resolveAll(got: Got): void {
  got.resolve();
}

/** The code of an error, where it has one. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** A handler that keeps what it gets until the case settles it, and writes down what it is told. */
export class Probe {
  readonly intake: Intake;
  readonly got: Got[] = [];
  readonly letters: DeadLetter<number>[] = [];
  readonly errors: Error[] = [];
  /** Settles a delivery by itself; undefined leaves it to the case. */
  react: ((got: Got) => void) | undefined;
  /** Most deliveries unsettled at a time. */
  most = 0;
  #unsettled = 0;
  readonly #patienceMs: number;

  constructor(rig: SourceRig, patienceMs: number, options: Partial<IntakeOptions<number>>, react?: (got: Got) => void) {
    this.#patienceMs = patienceMs;
    this.react = react;
    this.intake = rig.open().consume((delivery) => this.#handle(delivery), {
      concurrency: 1,
      attempts: 3,
      backoff: () => 0,
      onError: (error) => void this.errors.push(error),
      onDead: (letter) => void this.letters.push(letter),
      ...options,
    });
  }

  /** The data of what has come, in order. */
  get data(): number[] {
    return this.got.map(({ delivery }) => delivery.data);
  }

  /** Resolve all that has come so far. */
  settleAll(): void {
    for (const got of this.got.slice()) got.resolve();
  }

  /** Delivery number `index`, as soon as it has come. */
  async next(index: number): Promise<Got> {
    await this.until(() => this.got.length > index, `delivery number ${index + 1}`);
    return this.got[index] as Got;
  }

  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = performance.now() + this.#patienceMs;
    while (!(await condition())) {
      assert.ok(performance.now() < end, `waited ${this.#patienceMs} ms in vain for ${what}; ${this.#told()}`);
      await new intrinsics.Promise((resolve) => void intrinsics.setTimeout(resolve, 2));
    }
  }

  #told(): string {
    return `came: ${this.data.join(', ')}; errors: ${this.errors.map(String).join(', ')}`;
  }

  #handle(delivery: Delivery<number>): Promise<unknown> {
    this.most = Math.max(this.most, ++this.#unsettled);
    const { promise, resolve, reject } = deferred<unknown>();
    let open = true;
    const settle = (how: () => void): void => {
      if (open) this.#unsettled--;
      open = false;
      how();
    };
    const got: Got = {
      delivery,
      resolve: (result) => settle(() => resolve(result)),
      reject: (error) => settle(() => reject(error)),
    };
    this.got.push(got);
    this.react?.(got);
    return promise;
  }
}

/** What a case has: its queue, and probes that are closed when it ends. */
export class Bench {
  readonly rig: SourceRig;
  readonly #patienceMs: number;
  readonly #probes: Probe[] = [];

  constructor(rig: SourceRig, patienceMs: number) {
    this.rig = rig;
    this.#patienceMs = patienceMs;
  }

  probe(options: Partial<IntakeOptions<number>> = {}, react?: (got: Got) => void): Probe {
    const probe = new Probe(this.rig, this.#patienceMs, options, react);
    this.#probes.push(probe);
    return probe;
  }

  async put(...list: number[]): Promise<void> {
    for (const data of list) await this.rig.put(data);
  }

  /** Nothing waits and `dead` letters are there, as soon as the source has stored so. */
  async settled(dead: number): Promise<void> {
    const [probe] = this.#probes;
    let last = '';
    const isSettled = async (): Promise<boolean> => {
      const count = await this.rig.count();
      last = JSON.stringify(count);
      return count.waiting === 0 && count.dead === dead;
    };
    await probe
      ?.until(isSettled, `nothing that waits and ${dead} dead letters`)
      .catch((error: Error) => assert.fail(`${error.message}; it is ${last}`));
  }

  async end(): Promise<void> {
    await Promise.all(this.#probes.map(({ intake }) => intake.close()));
    await this.rig.close();
  }
}
