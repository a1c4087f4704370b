// Intakes of one kind of source, and what they tell.
import type { DeadLetter, Delivery, Handler, Intake, IntakeOptions, Source } from 'offloop';

/** What the rigs of the sources have in common. */
export class IntakeRig<T> {
  /** Of all its intakes. */
  readonly letters: DeadLetter<T>[] = [];
  readonly errors: Error[] = [];
  readonly #intakes: Intake[] = [];

  /** Consume with one slot, and note what the intake tells. */
  take<D extends Delivery<T>>(
    source: Source<T, D>,
    handler: Handler<D>,
    options: Partial<IntakeOptions<T>> = {},
  ): Intake {
    const intake = source.consume(handler, {
      concurrency: 1,
      onError: (error) => this.errors.push(error),
      onDead: (letter) => this.letters.push(letter),
      ...options,
    });
    this.#intakes.push(intake);
    return intake;
  }

  protected async closeIntakes(): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.close()));
  }
}

/** Wait until Redis, or anybody, says so. */
export async function eventually(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
}
