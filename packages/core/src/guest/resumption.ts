/*
 *   idle ── inNextTurn ───────────────────────────► booked for a turn ── that turn ──► idle, goes on
 *     └──── after: a module is still loading ──► waiting ── loaded: inNextTurn ──────────┘
 */
/** How calls that are ready, and could not all start at once, go on: once, however often it is asked for. */
export class Resumption {
  readonly #nextTurn: (fn: () => void) => void;
  readonly #goOn: () => void;
  #isBooked = false;
  #hasTurn = false;

  constructor(nextTurn: (fn: () => void) => void, goOn: () => void) {
    this.#nextTurn = nextTurn;
    this.#goOn = goOn;
  }

  /** It goes on by itself. */
  get isBooked(): boolean {
    return this.#isBooked;
  }

  /** The same in the next turn. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  inNextTurn(): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    this.#bookTurn();
  }

  after(loaded: Promise<unknown>): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    void loaded.then(() => this.#bookTurn());
  }

  #bookTurn(): void {
    this.#hasTurn = true;
    this.#nextTurn(() => {
      this.#hasTurn = false;
      this.#isBooked = false;
      this.#goOn();
    });
  }
}
