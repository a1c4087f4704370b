import { Memory } from '../wire/memory.ts';
import { maxRecordWords, type RecordSink, type RecordSpace } from './records.ts';

/** Words of a chunk: room for the longest record, and for many short ones. */
const chunkWords = maxRecordWords * 2;
/** So many chunks are used again: to be given fresh memory page by page takes as long as writing it. */
const mostSpare = 16;

interface Chunk {
  readonly memory: Memory;
  /** Where the next record is written. */
  end: number;
}

/** Has room for nothing. */
const none: Chunk = { memory: new Memory(new ArrayBuffer(0)), end: 0 };

/** Records that found no room in the ring, in order: written at once, as their values were, and moved to the ring later. */
export class Overflow implements RecordSpace {
  readonly #chunks: Chunk[] = [];
  readonly #spare: Memory[] = [];
  #last: Chunk = none;
  /** Where in the first chunk the oldest record begins. */
  #oldest = 0;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  get memory(): Memory {
    return this.#last.memory;
  }

  get at(): number {
    return this.#last.end;
  }

  get end(): number {
    return Math.min(this.#last.memory.words.length, this.#last.end + maxRecordWords);
  }

  /** Prepare `at` and `end` for a record of any length. */
  open(): void {
    if (this.#last.memory.words.length - this.#last.end >= maxRecordWords) return;
    this.#last = { memory: this.#spare.pop() ?? new Memory(new ArrayBuffer(chunkWords * 4)), end: 0 };
  }

  commit(next: number): void {
    const chunk = this.#last;
    chunk.memory.words[chunk.end] = next - chunk.end;
    chunk.end = next;
    if (this.#chunks.at(-1) !== chunk) this.#chunks.push(chunk);
  }

  /** Move as many records as find room, and ask for a bell where some find none. */
  moveTo(ring: RecordSink): void {
    this.#move(ring);
    if (this.isEmpty) return;
    ring.wantRoom();
    this.#move(ring);
  }

  #move(ring: RecordSink): void {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const { words } = chunk.memory;
      while (this.#oldest < chunk.end) {
        const length = words[this.#oldest] as number;
        if (!ring.open(length)) return;
        ring.memory.words.set(words.subarray(this.#oldest, this.#oldest + length), ring.at);
        ring.commit(ring.at + length);
        this.#oldest += length;
      }
      this.#oldest = 0;
      this.#chunks.shift();
      if (this.#spare.length < mostSpare) this.#spare.push(chunk.memory);
      if (chunk === this.#last) this.#last = none;
    }
  }
}
