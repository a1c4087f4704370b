import { jobModule, type Delivery, type Handler, type Intake, type IntakeOptions, type Source } from 'offloop';

export const messages = jobModule<typeof import('../jobs/messages.js')>(
  new URL('../jobs/messages.js', import.meta.url),
);

/** A source whose every move is the test's. */
export class ManualSource<T> implements Source<T> {
  readonly name = 'manual';
  handler!: Handler<Delivery<T>>;
  options!: IntakeOptions<T>;
  fail!: (error: Error) => void;
  readonly calls: string[] = [];

  consume(handler: Handler<Delivery<T>>, options: IntakeOptions<T>): Intake {
    this.handler = handler;
    this.options = options;
    let end!: () => void;
    const ended = new Promise<void>((resolve, reject) => {
      end = resolve;
      this.fail = reject;
    });
    const called = (name: string) => (): Promise<void> => {
      this.calls.push(name);
      return Promise.resolve();
    };
    return {
      ended,
      pause: called('pause'),
      resume: () => void this.calls.push('resume'),
      drain: called('drain'),
      close: () => {
        end();
        return called('close')();
      },
      health: () => ({ state: 'up' }),
    };
  }

  /** Deliver a message; gives how the handler ended, and takes the lease away on demand. */
  deliver(data: T): { readonly outcome: Promise<unknown>; readonly lose: (reason: Error) => void } {
    const controller = new AbortController();
    const delivery: Delivery<T> = {
      id: 'm1',
      name: this.name,
      data,
      attempt: 1,
      signal: controller.signal,
      extend: () => Promise.resolve(),
    };
    return { outcome: Promise.resolve(this.handler(delivery)), lose: (reason) => controller.abort(reason) };
  }
}
