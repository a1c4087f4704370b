// What the link promises, as a book of all calls: who was told what, and whether that was allowed.
import assert from 'node:assert/strict';

import { CancelledError, NotCloneableError, OffloopError } from 'offloop-internal/base/errors.js';
import { makeRequest } from 'offloop-internal/link/call-request.js';
import type { PendingCall } from 'offloop-internal/link/call-table.js';
import { type CancelOutcome } from 'offloop-internal/link/caller-link.js';
import { errorOf } from 'offloop-internal/link/call-request.js';
import type { WireThrown } from 'offloop-internal/wire/error-codec.js';
import { CallKind, Op } from 'offloop-internal/wire/frames.js';

import { fastUrl, slowUrl, type Simulation } from './simulation.ts';

export const jobNames = [
  'value',
  'async',
  'slow',
  'fail',
  'map',
  'uncloneable',
  'foreign',
  'ours',
  'stubborn',
  'stream',
  'missing',
] as const;
export type JobKind = (typeof jobNames)[number];

export interface Submission {
  readonly job: JobKind;
  readonly kind: CallKind;
  /** Its argument must travel alone. */
  readonly lone: boolean;
  readonly slowModule: boolean;
  /** Milliseconds until it is due; 0 for at once. */
  readonly delay: number;
  /** As a task group does: when it ends badly it cancels all others, from inside the telling. */
  readonly avenges: boolean;
}

/** A call with nothing special about it. */
export const plainSubmission: Submission = {
  job: 'value',
  kind: CallKind.future,
  lone: false,
  slowModule: false,
  delay: 0,
  avenges: false,
};

/** One call and what its owner was told. */
export class Entry implements PendingCall {
  slot = 0;
  id = 0;
  readonly name = undefined;
  cancelSeen = false;
  readonly told: { readonly what: string; readonly value: unknown }[] = [];
  readonly items: unknown[] = [];
  readonly cancels: CancelOutcome[] = [];
  /** Itself, once it was sent. */
  call: PendingCall | undefined;
  isStream = false;
  lost = false;
  left = false;
  readonly tag: number;
  readonly dueAt: number;
  readonly submission: Submission;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger, tag: number, dueAt: number, submission: Submission) {
    this.#ledger = ledger;
    this.tag = tag;
    this.dueAt = dueAt;
    this.submission = submission;
  }

  get label(): string {
    return this.submission.job;
  }

  get settled(): boolean {
    return this.told.length > 0 || this.cancels.includes('dropped');
  }

  onResult(value: unknown): void {
    this.#tell('result', value);
  }

  onFailed(error: WireThrown): void {
    this.#tell('failed', errorOf(error, this.submission.job, 'sim'));
  }

  onAsked(): void {}

  onCancelled(error: WireThrown): void {
    this.#tell('cancelled', errorOf(error, this.submission.job, 'sim'));
  }

  onGone(error: Error): void {
    this.#tell('gone', error);
  }

  onStream(): void {
    this.isStream = true;
  }

  onItem(value: unknown): void {
    // After its outcome nothing more may come.
    assert.deepEqual(this.told, []);
    this.items.push(value);
  }

  #tell(what: string, value: unknown): void {
    this.told.push({ what, value });
    if (this.submission.avenges && what !== 'result')
      for (const each of this.#ledger.entries) if (!each.settled) this.#ledger.cancel(each);
  }
}

export class Ledger {
  readonly sim: Simulation;
  readonly entries: Entry[] = [];
  closed: 'drain' | 'cancel' | undefined;
  gone = false;
  /** Late messages of a guest that was given up count as garbage; else there is none. */
  mayHaveGarbage = false;

  constructor(sim: Simulation) {
    this.sim = sim;
  }

  submit(submission: Submission): void {
    const { sim } = this;
    const dueAt = submission.delay === 0 ? 0 : sim.clock.now() + submission.delay;
    const entry = new Entry(this, this.entries.length, dueAt, submission);
    this.entries.push(entry);
    const job = {
      index: jobNames.indexOf(submission.job) * 2 + (submission.slowModule ? 1 : 0),
      url: submission.slowModule ? slowUrl : fastUrl,
      name: submission.job,
    };
    const args = submission.lone ? [entry.tag, new Set([entry.tag])] : [entry.tag, { plain: true }];
    sim.caller.submit(entry, makeRequest(job, args, submission.kind, dueAt));
    entry.call = entry;
  }

  /** A call that cannot be sent, in the middle of others. */
  submitBad(): void {
    const nobody = new Entry(this, -1, 0, plainSubmission);
    const job = { index: 0, url: fastUrl, name: 'value' };
    const size = this.sim.caller.size;
    assert.throws(
      () => this.sim.caller.submit(nobody, makeRequest(job, [1, { deep: [() => {}] }], CallKind.future)),
      NotCloneableError,
    );
    assert.equal(this.sim.caller.size, size);
  }

  cancel(entry: Entry): void {
    if (entry.call === undefined) return;
    const outcome = this.sim.caller.cancel(entry.call, new Error(`reason ${entry.tag}`));
    entry.cancels.push(outcome);
    if (outcome === 'asked') assert(this.sim.started.includes(entry.tag));
  }

  credit(entry: Entry): void {
    if (entry.isStream && !entry.settled && entry.call !== undefined)
      this.sim.caller.send([Op.Credit, entry.call.slot, entry.call.id, 2]);
  }

  leave(entry: Entry): void {
    if (!entry.isStream || entry.settled || entry.call === undefined) return;
    entry.left = true;
    this.sim.caller.send([Op.Return, entry.call.slot, entry.call.id]);
  }

  close(mode: 'drain' | 'cancel'): void {
    this.closed = mode;
    if (mode === 'cancel') this.sim.caller.cancelAll(new CancelledError('closed'));
    this.sim.caller.send([Op.Close, mode]);
  }

  /** The other side is given up. */
  lose(): void {
    this.gone = true;
    this.sim.caller.gone(({ label }) => new OffloopError('OFFLOOP_LOOP_CRASHED', label));
  }

  /** What holds at every moment. */
  check(): void {
    for (const entry of this.entries) this.#checkEntry(entry);
    if (!this.mayHaveGarbage) assert.equal(this.sim.caller.garbage, 0);
    const inFlight = this.entries.filter((each) => !each.settled && each.call !== undefined).length;
    assert.equal(this.sim.caller.size, inFlight);
    if (this.gone) assert.equal(inFlight, 0);
    this.#checkOrder();
  }

  /** What holds when everything has had its time. */
  checkEnd(): void {
    this.check();
    assert.deepEqual(
      this.entries.filter((each) => !each.settled).map(({ tag }) => tag),
      [],
    );
    // A generator that has yielded is not left hanging, whatever became of its consumer or its items.
    const begun = this.entries.filter(({ items }) => items.length > 0).map(({ tag }) => tag);
    if (!this.gone)
      assert.deepEqual(
        begun.filter((tag) => !this.sim.cleaned.includes(tag)),
        [],
      );
  }

  #checkEntry(entry: Entry): void {
    const { told, cancels, tag } = entry;
    assert(told.length <= 1);
    const starts = this.sim.started.filter((each) => each === tag).length;
    assert(starts <= 1);
    if (cancels.includes('dropped')) assert.deepEqual([told, starts], [[], 0]);
    for (const [at, item] of entry.items.entries()) assert.deepEqual(fieldsOf(item), { tag, at });
    const outcome = told[0];
    if (outcome !== undefined) this.#checkOutcome(entry, outcome.what, outcome.value, starts);
  }

  #checkOutcome(entry: Entry, what: string, value: unknown, starts: number): void {
    const { tag, submission, dueAt } = entry;
    const { job, kind } = submission;
    if (what === 'gone') assert(this.gone);
    else if (what === 'cancelled')
      assert(
        entry.cancels.includes('asked') ||
          this.closed === 'cancel' ||
          (this.closed === 'drain' && dueAt > 0) ||
          entry.left,
      );
    else if (what === 'result') {
      assert.equal(starts, 1);
      assert(job !== 'fail' && job !== 'missing' && (job !== 'uncloneable' || kind === CallKind.callback));
      const expected = kind === CallKind.callback || entry.left ? [undefined, tag] : [tag];
      assert(expected.includes(value instanceof Map ? value.get('tag') : value));
    } else if (entry.lost) assert.equal((value as OffloopError).code, 'OFFLOOP_NOT_CLONEABLE');
    else this.#checkFailure(entry, value as OffloopError);
  }

  #checkFailure({ tag, submission: { job, kind } }: Entry, { code, message }: OffloopError): void {
    if (job === 'missing') assert.equal(code, 'OFFLOOP_UNKNOWN_JOB');
    else if (job === 'uncloneable') assert.match(message, /^the result of uncloneable\.fn cannot/);
    else if (job === 'stream') assert.deepEqual([code, kind], ['OFFLOOP_IS_A_STREAM', CallKind.callback]);
    else assert.equal(message, `${tag} failed`);
  }

  /** First in, first out: among calls for at once, and among delayed ones that are not due earlier than those before them. */
  #checkOrder(): void {
    const starts = this.sim.started.map((tag) => this.entries[tag] as Entry);
    for (const [at, later] of starts.entries()) {
      for (const earlier of starts.slice(0, at)) {
        // It overtook an older call: only one that was due later may be overtaken.
        if (earlier.tag > later.tag) assert(later.dueAt > earlier.dueAt);
      }
      if (later.dueAt > 0) assert(this.sim.clock.now() >= later.dueAt - 1);
    }
  }
}

function fieldsOf(item: unknown): unknown {
  return item instanceof Map ? Object.fromEntries(item) : item;
}
