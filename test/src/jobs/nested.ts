// A job that blocks its own thread for another one.
import { jobModule, LoopPool, WorkerLoop } from 'offloop';

const basic = jobModule<typeof import('./basic.js')>(new URL('./basic.js', import.meta.url));

export async function fibInALoopOfItsOwn(lane: 'ring' | 'port', n: number): Promise<number> {
  await using loop = new WorkerLoop({ lane });
  return loop.run(basic.fib(n)).resultSync();
}

export async function fibInAPoolOfItsOwn(n: number): Promise<number> {
  await using pool = new LoopPool({ size: 1 });
  return pool.run(basic.fib(n)).resultSync();
}

export function blockAtGate(word: Int32Array): string {
  Atomics.wait(word, 1, 0);
  return 'released';
}

export function openGate(word: Int32Array): string {
  Atomics.store(word, 1, 1);
  Atomics.notify(word, 1);
  return 'opened';
}
