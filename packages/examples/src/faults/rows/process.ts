// Rows 32, 35 to 38 and 44: the process around the threads.
import { afterwards, blockThread, endsWell, reported, resolves, sharedWords } from '../judge.ts';
import type { ProcessEnd, Row } from '../row.ts';
import { pause, type Scene } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;

async function signalItself(scene: Scene, signal: NodeJS.Signals): Promise<void> {
  const words = sharedWords();
  scene.call('never', words);
  await reported(words);
  setTimeout(() => process.kill(process.pid, signal), 50);
}

const signalled: Row = {
  number: 32,
  fault: 'SIGTERM or SIGINT while a job runs',
  owed: "Node's default: the process ends by the signal; a library installs nothing by itself",
  probes: signals.map((signal) => ({
    name: signal,
    run: (scene) => signalItself(scene, signal),
    judgeEnd: (end: ProcessEnd) =>
      end.signal === signal && !end.isLate ? [] : endsWell(end).concat(end.code === 0 ? [ended(0)] : []),
  })),
};

function ended(code: number): Finding {
  return { word: 'wrong result', note: `the process ends with code ${code}` };
}

const unawaited: Row = {
  number: 35,
  fault: 'main ends while a job runs that nobody awaits, in a daemon; while a daemon is starting',
  owed: 'the process exits',
  probes: [
    {
      name: 'running',
      run: async (scene) => {
        scene.start({ isDaemon: true });
        const words = sharedWords();
        scene.subject.call('never', words, {});
        await reported(words);
      },
      judgeEnd: (end) => endsWell(end),
    },
    { name: 'starting', run: (scene) => scene.start({ isDaemon: true }), judgeEnd: (end) => endsWell(end) },
  ],
};

const awaited: Row = {
  number: 36,
  fault: 'main ends but for a job of a daemon that is awaited',
  owed: 'the process stays until it settles, and no longer',
  probes: [
    {
      name: 'daemon',
      run: async (scene) => {
        scene.start({ isDaemon: true });
        void (async () => {
          await scene.subject.call('rest', 400, {});
          console.log('it has settled');
        })();
      },
      judgeEnd: (end) =>
        end.text.includes('it has settled')
          ? endsWell(end)
          : [{ word: 'wrong result', note: 'the process ends before the job, with no word of it' }],
    },
  ],
};

const count = 200;

const mainBlocked: Row = {
  number: 37,
  fault: 'the main thread is blocked for a second',
  owed: 'nothing is lost; results arrive later',
  probes: [
    {
      name: 'one second',
      run: async (scene) => {
        await scene.call('inc', 1).ending();
        const calls = Array.from({ length: count }, (_, i) => scene.call('inc', i));
        const late = scene.call('rest', 100);
        await pause(5);
        const end = performance.now() + 1000;
        while (performance.now() < end);
        for (const [i, call] of calls.entries())
          scene.findings.push(...resolves(await call.ending(), (value) => value === i + 1));
        scene.findings.push(...resolves(await late.ending(), (value) => value === 100));
      },
    },
  ],
};

const maxQueue = 4;
const most = 50;

const full: Row = {
  number: 38,
  fault: `${most} jobs at once where the queue is limited to ${maxQueue}`,
  owed: 'an error at once for what has no room; what was accepted runs',
  probes: [
    {
      name: 'limited',
      run: async (scene) => {
        scene.start({ maxQueue });
        const unblock = await blockThread(scene);
        const calls = Array.from({ length: most }, (_, i) => scene.call('inc', i));
        await pause(100);
        const early = await Promise.all(calls.map((call) => call.ending(0)));
        const refused = early.filter(({ is }) => is === 'rejected');
        if (refused.length === 0) scene.find('wrong result', 'nothing is refused');
        unblock();
        for (const [i, call] of calls.entries())
          if (early[i]?.is === 'pending')
            scene.findings.push(...resolves(await call.ending(), (value) => value === i + 1));
        await afterwards(scene);
      },
    },
  ],
};

/** An hour, as when somebody sets the clock. */
const jump = 3_600_000;

const clock: Row = {
  number: 44,
  fault: 'the clock of the machine jumps by an hour while a job runs under a time-out',
  owed: 'only monotonic clocks decide',
  probes: [
    {
      name: 'forward',
      run: async (scene) => {
        const now = Date.now.bind(Date);
        await scene.call('inc', 1).ending();
        const call = scene.call('rest', 300, { timeout: 5000 });
        Date.now = () => now() + jump;
        const ending = await call.ending();
        if (ending.is === 'rejected') scene.find('wrong result', `rejected with ${show(ending.reason)}`);
        else scene.findings.push(...resolves(ending, (value) => value === 300));
        await afterwards(scene);
      },
    },
  ],
};

export const processRows: readonly Row[] = [signalled, unawaited, awaited, mainBlocked, full, clock];
