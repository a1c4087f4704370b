import { Future, futureInternals } from './future.ts';

/** A future made of others: whoever awaits it holds them, as long as it is unfinished. */
export class Combined<T, C = unknown> extends Future<T> {
  protected readonly children: Iterable<Future<C>>;

  constructor(children: Iterable<Future<C>>) {
    super();
    this.children = children;
  }

  protected override onHeld(): void {
    for (const child of this.children) futureInternals.hold(child);
  }

  protected override onReleased(): void {
    for (const child of this.children) futureInternals.release(child);
  }

  protected override onSettled(held: boolean): void {
    if (held) this.onReleased();
  }
}
