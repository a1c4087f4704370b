// A child process that runs one workload with one contestant, once, and prints what came out as a line of JSON.
import type { Running, Start } from './contestant.ts';
import { start as startInThread } from './contestants/in-thread.ts';
import { childMarker, type ChildOrder, type ChildWord } from './outcome.ts';
import { roster } from './roster.ts';
import { workloads } from './workloads.ts';

const closeMs = 500;

async function main(order: ChildOrder): Promise<Readonly<Record<string, number>>> {
  const entry = roster.find(({ name }) => name === order.contestant);
  const workload = workloads.find(({ name }) => name === order.workload);
  if (entry === undefined || workload === undefined) throw new Error('no such contestant or workload');
  const before = performance.now();
  const { start } = (await import(`./contestants/${entry.file}.js`)) as { readonly start: Start };
  const importMs = performance.now() - before;
  const started: Running[] = [];
  const metrics = await workload.run({
    importMs,
    budgetMs: order.budgetMs,
    warmUpMs: order.warmUpMs,
    inThread: startInThread(),
    start: async (threads) => {
      const running = await start(threads, entry.options);
      started.push(running);
      return running;
    },
  });
  // What has been measured counts, also when the contestant does not come to an end.
  await Promise.race([
    Promise.allSettled(started.map((running) => running.close())),
    new Promise((resolve) => setTimeout(resolve, closeMs)),
  ]);
  return metrics;
}

function say(word: ChildWord): void {
  console.log(`${childMarker}${JSON.stringify(word)}`);
  process.exit();
}

try {
  say({ metrics: await main(JSON.parse(process.argv[2] ?? '{}') as ChildOrder) });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
