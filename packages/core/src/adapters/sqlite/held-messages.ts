/** By row and owner: a message that was lost may be here again, for another owner, before that is known. */
export class HeldMessages<M extends { readonly seq: number; readonly owner: number }> {
  readonly #byKey = new Map<string, M>();

  add(message: M): void {
    this.#byKey.set(keyOf(message.seq, message.owner), message);
  }

  has({ seq, owner }: M): boolean {
    return this.#byKey.has(keyOf(seq, owner));
  }

  /** Take it out; undefined when it is not here. */
  take(seq: number, owner: number): M | undefined {
    const key = keyOf(seq, owner);
    const message = this.#byKey.get(key);
    this.#byKey.delete(key);
    return message;
  }

  all(): M[] {
    return [...this.#byKey.values()];
  }
}

function keyOf(seq: number, owner: number): string {
  return `${seq} ${owner}`;
}
