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
// The thread that watches starts meanwhile.
await new Promise((resolve) => void setTimeout(resolve, 400));
if (how === 'for ever') {
  say('stuck');
  stuckInMain(1e9);
}
if (how !== 'idle') stuckInMain(Number(ms ?? 400));
await new Promise((resolve) => void setTimeout(resolve, 200));
say(JSON.stringify({ count: stalls.length, ms: stalls[0]?.ms, stack: stalls[0]?.stack }));
if (how === 'stopped') watch.stop();
