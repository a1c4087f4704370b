// The main loop is blocked; who watches it tells, while it still is.
import { watchMainLoop } from 'offloop';

import { say } from './lib.ts';

const [how, ms] = process.argv.slice(2);

function stuckInMain(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

const stalls: { readonly ms: number; readonly stack: string }[] = [];
const watch = watchMainLoop({
  stalledMs: 100,
  ...(how === 'heard' ? { onStalled: (stall) => void stalls.push(stall) } : {}),
});
const pause = (forMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, forMs));
// The thread that watches starts meanwhile.
await pause(400);
if (how === 'for ever') {
  say('stuck');
  stuckInMain(1e9);
}
if (how !== 'idle') stuckInMain(Number(ms ?? 400));
// Where it took longer to start it has seen nothing of that.
for (let tries = 0; how === 'heard' && stalls.length === 0 && tries < 5; tries++) {
  for (let looks = 0; stalls.length === 0 && looks < 50; looks++) await pause(10);
  if (stalls.length === 0) stuckInMain(400);
}
await pause(200);
say(JSON.stringify({ count: stalls.length, ms: stalls[0]?.ms, stack: stalls[0]?.stack }));
if (how === 'stopped') watch.stop();
