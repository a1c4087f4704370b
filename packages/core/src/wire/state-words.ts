/*
 * One pair of shared 32-bit words per call: who may still decide about it, and when it started.
 *
 *   state word = the call's id (29 bits) and one of
 *
 *     caller submits                   guest begins                     guest ends
 *   ──────────────► queued ───────────────────────► running ──────────────────────► ended
 *                     │ caller cancels                │ caller cancels                ▲
 *                     ▼                               ▼                 guest ends    │
 *                  cancelled                      cancelling ─────────────────────────┘
 *
 * Every arrow is one compare-and-swap, so each side knows at once, without a message, whether its step counted: a queued
 * call that was cancelled can never begin, and a cancel that comes after the end is refused. The id in the word makes a
 * slot reusable at once: a guest that comes late finds another id and drops its call.
 */
const State = { queued: 1, running: 2, cancelling: 3, ended: 4, cancelled: 5 } as const;

const stateBits = 3;
const idMask = 2 ** (32 - stateBits) - 1;

/** Set in the id of a call whose waiting and running are timed: both sides know by it, and the others cost nothing. */
const sampledBit = 1;

/** Slots in one shared buffer; more buffers are added as calls in flight need them. Slot 0 is no call's: its first word tells who has the thread. */
const slotBits = 10;
export const slotsPerChunk: number = 2 ** slotBits;
const wordsPerSlot = 2;
/** Behind the words of all slots each has a number of eight bytes, for the time of a sampled call. */
const stampsAt = slotsPerChunk * wordsPerSlot * 4;
const chunkBytes = stampsAt + slotsPerChunk * 8;

export type CallState = 'queued' | 'running' | 'cancelling' | 'ended' | 'cancelled';

function word(id: number, state: number): number {
  return ((id & idMask) << stateBits) | state;
}

/**
 * Ids count up within the bits that a word has for them, without 0; a slot has long been used again before one returns. The
 * lowest bit is set in those of sampled calls.
 */
export function nextCallId(last: number, isSampled: boolean): number {
  const next = last >= idMask - 1 ? 2 : (last | sampledBit) + 1;
  return isSampled ? next | sampledBit : next;
}

/** Is told of the sampled calls in the thread where they run; returns the time now, or is given what it returned. */
export interface CallTimes {
  begun(submittedAt: number): number;
  ended(begunAt: number): void;
}

/** Milliseconds of the shared clock in 32 bits: they wrap after 49 days, so only differences below that mean something. */
function stamp(now: number): number {
  return (Math.trunc(now) % 2 ** 32) | 0;
}

/** The words of one link, seen from one of its two sides. */
export class StateWords {
  readonly #chunks: Int32Array[] = [];
  readonly #stamps: Float64Array[] = [];
  readonly #times: CallTimes | undefined;

  /** Guest: `times` is told of the sampled calls. */
  constructor(times?: CallTimes) {
    this.#times = times;
  }

  /** Make room for more slots, in a buffer from the other side or a new one, which is returned to be sent over. */
  addChunk(buffer: SharedArrayBuffer = new SharedArrayBuffer(chunkBytes)): SharedArrayBuffer {
    this.#chunks.push(new Int32Array(buffer, 0, slotsPerChunk * wordsPerSlot));
    this.#stamps.push(new Float64Array(buffer, stampsAt, slotsPerChunk));
    return buffer;
  }

  get slots(): number {
    return this.#chunks.length * slotsPerChunk;
  }

  /** Guest: the synchronous part of this call begins to run on the thread, or (0) none does any more. */
  enter(id: number): void {
    const [first] = this.#chunks;
    // A plain store: it is seen soon, orders nothing, and an atomic one would wait here for the other thread's cache.
    if (first !== undefined) first[0] = id;
  }

  /** Caller: the id of the call whose synchronous part has the thread, as far as a word has bits for it; 0 when none has. */
  get entered(): number {
    const [first] = this.#chunks;
    return first === undefined ? 0 : Atomics.load(first, 0);
  }

  /** Caller: is it this call whose synchronous part has the thread? Undefined when the thread is between such parts. */
  isEntered(id: number): boolean | undefined {
    const { entered } = this;
    return entered === 0 ? undefined : entered === (id | 0);
  }

  /** Caller: the call is about to be sent. A plain store: the guest reads it after what sends the call, which orders both. */
  submit(slot: number, id: number): void {
    this.#chunk(slot)[this.#index(slot)] = word(id, State.queued);
  }

  /** Caller: the sampled call was submitted then, or is due then. Before it is sent. */
  stamp(slot: number, at: number): void {
    (this.#stamps[slot >>> slotBits] as Float64Array)[slot & (slotsPerChunk - 1)] = at;
  }

  /** Guest: may the call run? False when its caller has cancelled it. `now`, where its caller asks how long it has run. */
  begin(slot: number, id: number, now?: number): boolean {
    // A plain store: who reads it has seen the swap that follows.
    if (now !== undefined) this.#chunk(slot)[this.#index(slot) + 1] = stamp(now);
    if (!this.#swap(slot, id, State.queued, State.running)) return false;
    if ((id & sampledBit) !== 0 && this.#times !== undefined) this.stamp(slot, this.#times.begun(this.#stampOf(slot)));
    return true;
  }

  /** Guest: the call is over. True when a cancel was accepted before. */
  end(slot: number, id: number): boolean {
    if (this.endUnasked(slot, id) || !this.#swap(slot, id, State.cancelling, State.ended)) return false;
    this.#ended(slot, id);
    return true;
  }

  /** Guest: the call is over, unless a cancel was accepted before: then it is as it was. */
  endUnasked(slot: number, id: number): boolean {
    if (!this.#swap(slot, id, State.running, State.ended)) return false;
    this.#ended(slot, id);
    return true;
  }

  /** Caller: take back a call that has not begun. True: it never will. */
  cancelQueued(slot: number, id: number): boolean {
    return this.#swap(slot, id, State.queued, State.cancelled);
  }

  /** Caller: mark a call that runs. True: it had not ended, and now cannot end without seeing this. */
  cancelRunning(slot: number, id: number): boolean {
    return this.#swap(slot, id, State.running, State.cancelling);
  }

  /** Where the call stands; undefined when the slot belongs to another call by now. */
  read(slot: number, id: number): CallState | undefined {
    const value = Atomics.load(this.#chunk(slot), this.#index(slot));
    if (value >>> stateBits !== (id & idMask)) return undefined;
    return stateNames[value & ((1 << stateBits) - 1)];
  }

  /** Milliseconds since the call began, up to 49 days; of a call whose begin was noted. */
  runningFor(slot: number, now: number): number {
    return (stamp(now) - Atomics.load(this.#chunk(slot), this.#index(slot) + 1)) >>> 0;
  }

  /** Its slot is still its own: the caller gives it to another call when it has heard of the end. */
  #ended(slot: number, id: number): void {
    if ((id & sampledBit) !== 0) this.#times?.ended(this.#stampOf(slot));
  }

  #stampOf(slot: number): number {
    return this.#stamps[slot >>> slotBits]?.[slot & (slotsPerChunk - 1)] ?? 0;
  }

  #swap(slot: number, id: number, from: number, to: number): boolean {
    const expected = word(id, from);
    return Atomics.compareExchange(this.#chunk(slot), this.#index(slot), expected, word(id, to)) === expected;
  }

  #chunk(slot: number): Int32Array {
    return this.#chunks[slot >>> slotBits] as Int32Array;
  }

  #index(slot: number): number {
    return (slot & (slotsPerChunk - 1)) * wordsPerSlot;
  }
}

const stateNames: readonly (CallState | undefined)[] = [
  undefined,
  'queued',
  'running',
  'cancelling',
  'ended',
  'cancelled',
];
