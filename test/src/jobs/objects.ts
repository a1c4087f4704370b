// Jobs that give objects out, for the tests of offloop/comlink.
import { getRunningLoop, sleep } from 'offloop';
import { expose, proxy, type Exposed, type ProxyMarked } from 'offloop/comlink';

export class PaymentError extends Error {
  readonly code = 'E_PAYMENT';
  readonly account = 7;
}

export class Counter {
  #n: number;
  limit = 100;

  constructor(n: number) {
    this.#n = n;
  }

  inc(by = 1): number {
    return (this.#n += by);
  }

  loop(): string {
    return getRunningLoop().name;
  }

  async each(times: number, callback: (n: number) => unknown): Promise<void> {
    for (let i = 0; i < times; i++) await callback(this.inc());
  }

  pay(): never {
    throw new PaymentError('no money', { cause: new RangeError('-1') });
  }

  child(): Counter & ProxyMarked {
    return proxy(new Counter(1000));
  }

  async rest(): Promise<void> {
    await sleep(1_000_000);
  }

  exit(): void {
    process.exit(9);
  }

  spin(word: Int32Array): void {
    Atomics.add(word, 0, 1);
    for (;;);
  }
}

export function counter(n = 0): Exposed<Counter> {
  return expose(new Counter(n));
}

export async function plainObject(): Promise<Exposed<{ n: number; inc(): number }>> {
  await sleep(1);
  return expose({
    n: 0,
    inc() {
      return ++this.n;
    },
  });
}

export function notExposed(): Exposed<Counter> {
  return {} as unknown as Exposed<Counter>;
}
