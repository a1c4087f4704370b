/**
 * Looks at the consumers whose leases have run out, and tells which of them are dead: those that were seen so at two looks in a row, and
 * have not shown between. When Redis was gone for longer than a lease, all have run out, and all get the time to show again.
 */
export class Lookout {
  #seen: ReadonlyMap<string, string> = new Map();

  /** `expired`: consumer and the end of its lease, by turns. Gives those of the dead. */
  look(expired: readonly string[]): [owner: string, score: string][] {
    const now = new Map<string, string>();
    for (let i = 0; i < expired.length; i += 2) now.set(expired[i] as string, expired[i + 1] as string);
    const dead = [...now].filter(([owner, score]) => this.#seen.get(owner) === score);
    this.#seen = now;
    return dead;
  }

  /** Nobody could show for a while. */
  forget(): void {
    this.#seen = new Map();
  }
}
