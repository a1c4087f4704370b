import type { Keeper, KeeperClock } from './keeper.ts';
import type { SqliteFile } from './file.ts';
import { BeatWatch, looksPerLease, type Beat } from './leases.ts';
import type { Taker } from './taker.ts';

/*
 * Eight times in a lease there is a look: every consumer that has messages shows that it lives, and sees who does not.
 *
 *   a consumer in the file:  none ── it takes a message ──► there, beats ── nobody saw a beat for a lease ──► none: all is lost
 *                             ▲                                  │ a look at which it has nothing                   │
 *                             └──────────────────────────────────┴──────────────────────────────────────────────────┘
 *
 * The thread beats whatever the program's own thread does: a lease is over when the process is gone or stopped, not when it is
 * busy. A single message may also be taken from a consumer, by someone who changes the file by hand: a look finds that, too.
 */

/** Keeps the leases of all consumers of a keeper, and ends those of the dead. */
export class Lookout {
  readonly #keeper: Keeper;
  readonly #file: SqliteFile;
  readonly #clock: KeeperClock;
  readonly #lookMs: number;
  readonly #watch: BeatWatch;
  #timer: { cancel(): void } | undefined;

  constructor(keeper: Keeper, file: SqliteFile, leaseMs: number, clock: KeeperClock) {
    this.#keeper = keeper;
    this.#file = file;
    this.#clock = clock;
    this.#lookMs = leaseMs / looksPerLease;
    this.#watch = new BeatWatch(this.#lookMs);
  }

  /** Look again and again, as long as the keeper has consumers. */
  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(this.#lookMs, () => {
      this.#timer = undefined;
      if (this.#keeper.takers.size === 0) {
        this.#watch.reset();
        return;
      }
      try {
        this.#look();
      } catch (error) {
        this.#watch.reset();
        this.#keeper.down(error);
      }
      this.#arm();
    });
  }

  #look(): void {
    const takers = [...this.#keeper.takers.values()].filter(({ owner }) => owner !== undefined);
    const own = new Set(takers.map(({ owner }) => owner));
    const others = this.#file.read(({ leases }) => leases.all()).filter(({ owner }) => !own.has(owner));
    const dead = this.#watch.look(others);
    if (takers.length === 0 && dead.length === 0) return;
    const released = this.#beat(takers, dead);
    if (released > 0) this.#keeper.hand();
  }

  /** Gives how many messages wait again. */
  #beat(takers: readonly Taker[], dead: readonly Beat[]): number {
    const begun = this.#clock.now();
    let released = 0;
    const found = this.#file.write(({ messages, leases }) => {
      // Who waits for so long for its turn to write may be in front of others who want to beat.
      const isLate = this.#clock.now() - begun > this.#lookMs;
      if (isLate) this.#watch.reset();
      for (const other of isLate ? [] : dead)
        if (leases.expire(other)) released += messages.release(other.owner, this.#clock.wall());
      return takers.map((taker) => {
        const owner = taker.owner as number;
        if (taker.held.size > 0) return leases.beat(owner) ? messages.heldBy(owner) : undefined;
        leases.leave(owner);
        return 'none' as const;
      });
    });
    for (const [index, taker] of takers.entries()) {
      const rows = found[index];
      if (rows === 'none') taker.owner = undefined;
      else if (rows === undefined) taker.die();
      else {
        taker.lose(
          [...taker.held].filter((seq) => !rows.has(seq)),
          'it was taken out of the file, or given to another consumer',
        );
      }
    }
    return released;
  }
}
