import type { CancelledError } from '../base/errors.ts';
import type { WireThrown } from '../wire/error-codec.ts';
import { nextCallId, StateWords } from '../wire/state-words.ts';
import type { Sampler } from './sampler.ts';

/** Slots of two words on one cache line of 64 bytes. */
const slotsPerLine = 8;

/**
 * A call, made by whoever wants its outcome: exactly one of the first four is told, once, and nothing after that. It is in
 * flight from `open` to `close`, and is kept as it is: every call passes through here, so nothing more is made for one.
 */
export interface PendingCall {
  /** Its place and its number, which the table gives it. */
  slot: number;
  id: number;
  /** The job, for messages and listings. */
  readonly label: string;
  readonly name: string | undefined;
  /** The other side has shown, by handling a cancel of this call, that it is not stuck. */
  cancelSeen: boolean;
  onResult(value: unknown): void;
  onFailed(error: WireThrown): void;
  onCancelled(error: WireThrown): void;
  /** Its whole loop is being cancelled, for this reason; the outcome is still to come. */
  onAsked(reason: CancelledError): void;
  /** The other side is gone, or gave the call up. */
  onGone(error: Error): void;
  /** The job is an async generator. */
  onStream(): void;
  onItem(value: unknown): void;
}

/** The calls in flight of one link, by slot: a plain array with a free list, since every call passes through here twice. */
export class CallTable {
  readonly words: StateWords = new StateWords();
  /** Slot 0 is no call's, see StateWords; nor are the others on its cache line, which the guest writes for every job. */
  readonly #calls: (PendingCall | undefined)[] = new Array<undefined>(slotsPerLine).fill(undefined);
  readonly #free: number[] = [];
  readonly #sampler: Sampler | undefined;
  #lastId = 0;
  #size = 0;

  /** With a sampler some calls are timed. */
  constructor(sampler?: Sampler) {
    this.#sampler = sampler;
  }

  get size(): number {
    return this.#size;
  }

  /** No call more can be opened before `words.addChunk()` has made room. */
  get isFull(): boolean {
    return this.#free.length === 0 && this.#calls.length >= this.words.slots;
  }

  /** Enter a call; its state word says queued from now on. `dueAt`, where it is for later: from then on it waits. */
  open(call: PendingCall, dueAt: number = 0): void {
    const slot = this.#free.pop() ?? this.#calls.push(undefined) - 1;
    const now = this.#sampler?.take(this.#size === 0);
    if (now !== undefined) this.words.stamp(slot, Math.max(now, dueAt));
    this.#lastId = nextCallId(this.#lastId, now !== undefined);
    call.slot = slot;
    call.id = this.#lastId;
    this.#calls[slot] = call;
    this.#size++;
    this.words.submit(slot, call.id);
  }

  /** The call that a frame names; undefined when it is settled (its slot may have another call by now) or never was. */
  find(slot: number, id: number): PendingCall | undefined {
    const call = this.#calls[slot];
    return call?.id === id ? call : undefined;
  }

  /** Take a call out; its slot can be used again at once. */
  close(call: PendingCall): void {
    if (this.#calls[call.slot] !== call) return;
    this.#calls[call.slot] = undefined;
    this.#free.push(call.slot);
    this.#size--;
  }

  /** The calls in flight, oldest first. */
  list(): PendingCall[] {
    return this.#calls.filter((call) => call !== undefined).sort((a, b) => a.id - b.id);
  }
}
