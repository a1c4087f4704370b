// Jobs that block for a time, and one that looks into a loop of its own.
import { jobModule, watchMainLoop, WorkerLoop } from 'offloop';

const stuck = jobModule<typeof import('./stuck.js')>(new URL('./stuck.js', import.meta.url));

const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));

export function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function busyAtGate(words: Int32Array): void {
  while (Atomics.load(words, 1) === 0);
}

/** Until the gate is open, see shared.ts. */
export async function blockLaterAtGate(words: Int32Array): Promise<void> {
  await turn();
  busyAtGate(words);
}

export async function blockInParts(ms: number, parts: number): Promise<void> {
  for (let i = 0; i < parts; i++) {
    busyFor(ms);
    await turn();
  }
}

export interface Seen {
  readonly rung: string | undefined;
  readonly stack: string;
  readonly names: readonly string[];
}

/** Owns a loop whose job blocks for ever. */
export async function lookIntoOwn(): Promise<Seen> {
  await using loop = new WorkerLoop();
  const words = new Int32Array(new SharedArrayBuffer(16));
  const job = loop.run(stuck.forever(words), { timeout: 1000 });
  job.catch(() => {});
  while (Atomics.load(words, 0) === 0) await turn();
  const stack = await loop.stackTrace();
  const { nodes } = await loop.profile(50);
  const rung = await job.catch((error: unknown) => (error as { rung?: string }).rung);
  return { rung, stack, names: nodes.map(({ callFrame }) => callFrame.functionName) };
}

const leaked: unknown[] = [];

/** Keep so many numbers for ever. */
export function leak(numbers: number): void {
  leaked.push(Array.from({ length: numbers }, (_, i) => i + 0.5));
}

export function watchMain(): void {
  watchMainLoop();
}
