// A job that blocks its own thread for another one.
import { jobModule, WorkerLoop } from 'offloop';

const basic = jobModule<typeof import('./basic.js')>(new URL('./basic.js', import.meta.url));

export async function fibInALoopOfItsOwn(lane: 'ring' | 'port', n: number): Promise<number> {
  await using loop = new WorkerLoop({ lane });
  return loop.run(basic.fib(n)).resultSync();
}
