import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';

/** What the consumers did: a line for each effect, written by the job before its message is acknowledged. */
export class Ledger {
  readonly path: string;
  /** Effects, also those of one message that was done twice. */
  effects = 0;
  /** The ids under which each message was delivered. */
  readonly #ids = new Map<number, Set<string>>();
  readonly #byProcess = new Map<number, number>();
  readonly #buffer = Buffer.alloc(1 << 16);
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  /** Messages that were done at least once. */
  get done(): number {
    return this.#ids.size;
  }

  /** Messages that did not keep their id when they were delivered again. */
  get renamed(): number {
    return [...this.#ids.values()].filter(({ size }) => size > 1).length;
  }

  /** The effects of one process. */
  by(pid: number): number {
    return this.#byProcess.get(pid) ?? 0;
  }

  /** Read what was added; false when that was nothing. */
  read(): boolean {
    const file = openSync(this.path, 'r');
    let text = this.#rest;
    const before = this.#offset;
    for (let bytes = -1; bytes !== 0;) {
      bytes = readSync(file, this.#buffer, 0, this.#buffer.length, this.#offset);
      text += this.#buffer.toString('latin1', 0, bytes);
      this.#offset += bytes;
    }
    closeSync(file);
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#note(line);
    return this.#offset > before;
  }

  #note(line: string): void {
    const [message, pid, id = ''] = line.split(' ');
    this.effects++;
    this.#byProcess.set(Number(pid), this.by(Number(pid)) + 1);
    const ids = this.#ids.get(Number(message));
    if (ids === undefined) this.#ids.set(Number(message), new Set([id]));
    else ids.add(id);
  }
}
