// A program that is stopped by signals, with run() or without any help. Arguments: the kind, then what the loop does.
import { run, sleep, WorkerLoop } from 'offloop';

import { reported, say, shared, sharedWords } from './lib.ts';

const [kind, work] = process.argv.slice(2);
const graceMs = 500;
let drainedAt: number | undefined;

/** When a job was cancelled, where main had drained before. */
function when(): string {
  if (drainedAt === undefined) return '';
  return performance.now() - drainedAt > graceMs - 50 ? ' after its grace' : ' before its grace was over';
}

async function main(signal?: AbortSignal): Promise<string> {
  const loop = new WorkerLoop();
  const words = sharedWords();
  if (work === 'spin') loop.run(shared.spin(words)).catch(() => say('the job was lost'));
  else if (work === 'stubborn') loop.run(shared.never(words)).catch(() => say('the job was lost'));
  else
    void loop
      .run(shared.sleepWithFinally(words))
      .catch(() => say(`the job was cancelled, finally ${words[0] === 1001 ? 'ran' : 'did not run'}${when()}`));
  await reported(words);
  say('ready');
  if (kind === 'drain') {
    while (signal?.aborted === false) await sleep(5);
    drainedAt = performance.now();
    say('drained');
    return 'drained';
  }
  if (kind === 'slow-cleanup') {
    signal?.addEventListener('abort', () => say('stopping'));
    // Ignores its cancel for longer than anybody waits.
    for (;;) await sleep(20).catch(() => {});
  }
  await sleep(1e8);
  return 'slept';
}

if (kind === 'bare') await main();
else {
  const result = await run(main, { graceMs, ...(kind === 'drain' ? { onSignal: 'drain' as const } : {}) });
  say(`main gave ${result}`);
  say(`listeners left: ${process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')}`);
}
