import { allTasks, onTasksEmpty, Task } from '../asyncio/task.ts';
import { CancelledError, StreamUseError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { toWire, type WireThrown } from '../wire/error-codec.ts';
import { Op } from '../wire/frames.ts';
import type { Init, NamedJob } from '../wire/init.ts';
import type { GuestLink } from './guest-link.ts';
import type { Job, JobFunction, JobModules } from './job-modules.ts';
import { isAsyncGenerator } from './stream-pump.ts';
import type { Visitors } from './visitors.ts';

/*
 *   setup ──► serving ── Close(drain) ──► draining ──┐ no call and no task left
 *     │          └────── Close(cancel) ─► cancelling ┴──► teardown ──► flush ──► Bye, exit
 *     │   (a Close during the setup takes effect after it)
 *     └ failed ─────────────────────────────────────────────────────────────► Bye with the error, exit
 *   The exit comes when all that was sent is where the owner finds it.
 */
const State = { setup: 'setup', serving: 'serving', closing: 'closing', teardown: 'teardown' } as const;

/** How a loop's thread begins and ends: setup first, teardown last, nothing written to stdout lost. */
export class Lifetime {
  readonly #link: GuestLink;
  readonly #visitors: Visitors;
  readonly #modules: JobModules;
  readonly #init: Init;
  readonly #nextTurn: (fn: () => void) => void;
  #state: (typeof State)[keyof typeof State] = State.setup;
  #closeAfterSetup: 'drain' | 'cancel' | undefined;

  constructor(
    link: GuestLink,
    visitors: Visitors,
    modules: JobModules,
    init: Init,
    nextTurn: (fn: () => void) => void,
  ) {
    this.#nextTurn = nextTurn;
    this.#link = link;
    this.#visitors = visitors;
    this.#modules = modules;
    this.#init = init;
    onTasksEmpty(() => this.check());
  }

  /** Run the setup, then serve. */
  begin(): void {
    const { setup } = this.#init;
    if (setup === undefined) this.#serve();
    else {
      this.#run(setup).then(
        // Jobs start in a port's callback only; see `portTurns` in boot.ts.
        () => this.#nextTurn(() => this.#serve()),
        (error: unknown) => this.#exit(toWire(error)),
      );
    }
  }

  close(mode: 'drain' | 'cancel'): void {
    if (this.#state === State.teardown) return;
    if (mode === 'cancel') {
      // One for all: to capture a stack takes longer than to cancel a task.
      const reason = new CancelledError('the loop was closed');
      for (const task of allTasks()) task.cancel(reason);
    }
    if (this.#state === State.setup) {
      this.#closeAfterSetup = mode;
      return;
    }
    this.#state = State.closing;
    this.#visitors.close(mode);
    this.#link.dropWaiting(mode === 'cancel');
    this.check();
  }

  /** Once nothing is left of a closing loop, go on to its end. */
  check(): void {
    if (this.#state !== State.closing || !this.#link.idle || !this.#visitors.idle || allTasks().size > 0) return;
    this.#state = State.teardown;
    const { teardown } = this.#init;
    if (teardown === undefined) this.#exit(undefined);
    else {
      this.#run(teardown).then(
        () => this.#exit(undefined),
        (error: unknown) => this.#exit(toWire(error)),
      );
    }
  }

  /** Answer once what was written to stdout and stderr has left the thread. */
  flush(request: number): void {
    whenWritten(() => {
      this.#link.lane.send([Op.Flushed, request]);
    });
  }

  #serve(): void {
    this.#state = State.serving;
    this.#link.open();
    this.#visitors.open();
    if (this.#closeAfterSetup !== undefined) this.close(this.#closeAfterSetup);
  }

  async #run({ url, name, args }: NamedJob): Promise<void> {
    const job = this.#modules.find(url, name);
    await job.loaded;
    await new BareTask(job, args);
  }

  #exit(error: WireThrown | undefined): void {
    whenWritten(() => {
      this.#link.lane.send([Op.Bye, error]);
      // Its owner may be blocked, and what finds no room in the ring lies in this thread's memory.
      this.#link.lane.whenSent(() => {
        this.#visitors.bye();
        intrinsics.exit(0);
      });
    });
  }
}

/** The setup or teardown: a task without a caller. */
class BareTask extends Task<unknown> {
  constructor(job: Job, args: readonly unknown[]) {
    super(job.name, job.name);
    const { fn } = job;
    this.start(fn ?? failWith(job.error), args);
  }

  protected override finished(value: unknown): void {
    if (isAsyncGenerator(value))
      this.threw(
        new StreamUseError(
          'OFFLOOP_IS_A_STREAM',
          `${this.label} is an async generator: nobody takes the items of a setup or teardown`,
        ),
      );
    else super.finished(value);
  }
}

function failWith(error: unknown): JobFunction {
  return () => {
    throw error;
  };
}

/** A worker's stdout waits for the main thread between chunks; call `fn` when it and stderr wait for nothing more. */
function whenWritten(fn: () => void): void {
  const unwritten = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0);
  let left = unwritten.length;
  if (left === 0) return fn();
  for (const stream of unwritten) stream.write('', () => (--left === 0 ? fn() : undefined));
}
