import { Dispatch } from 'offloop-internal/pool/dispatch.js';
import { KindTable } from 'offloop-internal/pool/kind-table.js';
import type { PoolCall } from 'offloop-internal/pool/pool-call.js';
import type { Seat } from 'offloop-internal/pool/seat.js';

export type Call = PoolCall<string>;
export type Place = Seat<string, string>;

/** A dispatch that knows some jobs, and notes what it assigns as `call → loop`. */
export class Rig {
  readonly kinds = new KindTable();
  readonly assigned: string[] = [];
  readonly dispatch: Dispatch<string, string> = new Dispatch<string, string>((call, loop) => {
    this.assigned.push(`${call.payload} → ${loop}`);
    this.onAssign(call, loop);
  }, this.kinds);
  onAssign: (call: Call, loop: string) => void = () => {};

  constructor() {
    for (const [job, us] of Object.entries({ tiny: 1, short: 60, medium: 400, long: 10_000 }))
      this.dispatch.measured(job, us);
  }

  /** Loops that are ready: awake, or parked where the name says `zz`. */
  loops(...names: string[]): Place[] {
    return names.map((name) => {
      const seat = this.dispatch.join(name);
      this.dispatch.ready(seat);
      if (name.endsWith('zz')) this.dispatch.parked(seat);
      return seat;
    });
  }

  submit(job: string, ...names: string[]): Call[] {
    return names.map((name) => this.dispatch.submit(job, name));
  }

  /** So many calls, named by their number. */
  many(job: string, count: number): Call[] {
    return Array.from({ length: count }, (_, i) => this.dispatch.submit(job, String(i)));
  }

  /** What was assigned since the last look. */
  news(): string[] {
    return this.assigned.splice(0);
  }
}
