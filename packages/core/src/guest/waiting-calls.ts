import type { Clock } from '../base/clock.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import type { Call } from './job-task.ts';
import { LaterCalls } from './later-calls.ts';

/** The calls of a link that have not begun: ready ones in order, and those that wait for their time. */
export class WaitingCalls {
  readonly #ready = new RingBuffer<Call>();
  readonly #later: LaterCalls;

  /** `onDue` is told when the time of a call has come and it is ready. */
  constructor(clock: Clock, onDue: () => void) {
    this.#later = new LaterCalls(clock, (call) => {
      this.#ready.push(call);
      onDue();
    });
  }

  /** How many are ready. */
  get ready(): number {
    return this.#ready.size;
  }

  add(call: Call, dueAt: number): void {
    if (dueAt === 0) this.#ready.push(call);
    else this.#later.add(dueAt, call);
  }

  /** The ready call that is next. */
  peek(): Call | undefined {
    return this.#ready.peek();
  }

  shift(): Call | undefined {
    return this.#ready.shift();
  }

  /** Forget one that waits for its time; false when it does not. */
  removeLater(id: number): boolean {
    return this.#later.remove(id);
  }

  /** Take out those that `which` says, of the ready ones and of the others. */
  take(which: (call: Call, isReady: boolean) => boolean): Call[] {
    const taken = this.#later.take((call) => which(call, false));
    for (let left = this.#ready.size; left > 0; left--) {
      const call = this.#ready.shift() as Call;
      if (which(call, true)) taken.push(call);
      else this.#ready.push(call);
    }
    return taken;
  }
}
