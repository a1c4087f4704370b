/** A short message that somebody wants to have sent. */
export interface Message {
  readonly id: number;
  readonly to: string;
  readonly text: string;
}

/** What became of a message that the service was asked to send. */
export interface Receipt {
  readonly id: number;
  readonly isSent: boolean;
  /** The alert endpoint was told of the failure. */
  readonly isAlerted: boolean;
  /** From the request to the answer, in milliseconds. */
  readonly ms: number;
}

/** The same messages every time, so that two phases can be compared. */
export function makeMessages(count: number): Message[] {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    return { id, to: `+49 151 ${String(id).padStart(7, '0')}`, text: `Your parcel number ${id} arrives today` };
  });
}
