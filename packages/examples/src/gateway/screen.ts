/** Where a screen writes: stdout, or what a test gives. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const drawEveryMs = 50;

/** Lines and, on a terminal, a live line below them that is written again and again. */
export class Screen {
  readonly #output: Output;
  #isLive = false;

  constructor(output: Output) {
    this.#output = output;
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true;
  }

  /** Write lines that stay. */
  print(...lines: readonly string[]): void {
    this.clear();
    this.#output.write(`${lines.join('\n')}\n`);
  }

  /** Replace the live line. Not on a terminal this does nothing. */
  show(text: string): void {
    if (!this.isTerminal) return;
    // A line that wraps could not be rewritten: \r goes to the begin of its last row only. Some terminals do not know
    // their width and say 0.
    this.#output.write(`\r${text.slice(0, (this.#output.columns || 80) - 1)}\x1b[K`);
    this.#isLive = true;
  }

  /** Show `text()` again and again while `work` goes on. Not on a terminal, a line when it has changed after `lineEveryMs`. */
  async follow<T>(text: () => string, work: () => Promise<T>, lineEveryMs: number = Infinity): Promise<T> {
    let last = text();
    const printChange = (): void => {
      const next = text();
      if (next !== last) this.print(next);
      last = next;
    };
    let timer: NodeJS.Timeout | undefined;
    if (this.isTerminal) timer = setInterval(() => this.show(text()), drawEveryMs);
    else if (lineEveryMs !== Infinity) timer = setInterval(printChange, lineEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.clear();
    }
  }

  /** Take the live line away. */
  clear(): void {
    if (this.#isLive) this.#output.write('\r\x1b[K');
    this.#isLive = false;
  }
}
