// Rows 10 to 16: what happens to the thread itself.
import { Neighbour, afterwards, rejects, rejectsWith, resolves, runFault, tells } from '../judge.ts';
import type { Row } from '../row.ts';
import { pause, until, type Scene } from '../scene.ts';
import { show } from '../verdict.ts';

/** The job itself ends well; what it leaves behind must be told, and hurt nobody. */
async function runInBackground(scene: Scene, job: string): Promise<void> {
  const neighbour = await Neighbour.near(scene, {});
  const call = scene.call(job, 'in the background');
  neighbour.join();
  scene.findings.push(...resolves(await call.ending(), (value) => value === 'fine'));
  // Where the thread sleeps between jobs, the next one wakes it.
  const next = scene.call('rest', 50);
  const isTold = await until(() => scene.told.some((error) => tells(error, 'in the background')), 1500);
  if (!isTold) scene.find('loses the error', 'nobody is told');
  const ending = await next.ending();
  if (ending.is === 'rejected') scene.find('hurts a neighbour', `the job behind it: ${show(ending.reason)}`);
  await neighbour.check('lives');
  await afterwards(scene);
}

const rejection: Row = {
  number: 10,
  fault: 'an unhandled rejection in the background, during a job or after it',
  owed: "the owner's 'error' event tells it; no job fails for it, the loop goes on",
  probes: [
    { name: 'during', run: (scene) => runInBackground(scene, 'rejectInBackground') },
    { name: 'after', run: (scene) => runInBackground(scene, 'rejectAfterwards') },
  ],
};

const uncaught: Row = {
  number: 11,
  fault: 'an uncaught exception in a timer or an event callback of the thread',
  owed: 'the same',
  probes: [
    { name: 'timer', run: (scene) => runInBackground(scene, 'throwInTimer') },
    { name: 'event', run: (scene) => runInBackground(scene, 'throwInEvent') },
  ],
};

const unheard: Row = {
  number: 12,
  fault: "the same where nobody listens for 'error'",
  owed: "Node's rule: thrown in the owner's thread, which ends the process with code 1",
  probes: [
    {
      name: 'no listener',
      mayDie: true,
      run: async (scene) => {
        scene.start({ isHeard: false });
        await scene.call('throwInTimer', 'unheard').ending();
        // Where the thread sleeps between jobs, the next one wakes it.
        const ending = await scene.call('rest', 50).ending();
        if (ending.is === 'rejected') scene.find('hurts a neighbour', `the job behind it: ${show(ending.reason)}`);
        await pause(500);
        // Nothing has come: who is held by idle threads ends here, too.
        setTimeout(() => process.exit(), 100).unref();
      },
      judgeEnd: ({ code, text }) => {
        if (/TypeError.*: unheard/.test(text) && code !== 0 && code !== null) return [];
        if (code === 0) return [{ word: 'loses the error', note: 'nothing is thrown in the thread of the owner' }];
        return [{ word: 'loses the error', note: `the process ends with code ${code} and another error` }];
      },
    },
  ],
};

const exiting: Row = {
  number: 13,
  fault: '`process.exit(5)` in a job; `process.exitCode = 9`',
  owed: 'jobs in flight reject with the exit code; the thread is replaced, or the loop says that it is closed',
  probes: [
    {
      name: 'exit',
      run: (scene) =>
        runFault(scene, {
          job: 'exit',
          arg: 5,
          judge: (ending) =>
            rejects(ending, (reason) =>
              tells(reason, /\b5\b/) ? undefined : { word: 'loses details', note: `no exit code: ${show(reason)}` },
            ),
          neighbour: 'settles',
          afterwards: 'settles',
        }),
    },
    {
      name: 'exitCode',
      run: (scene) =>
        runFault(scene, {
          job: 'setExitCode',
          arg: 9,
          judge: (ending) => resolves(ending, (value) => value === 'set'),
        }),
    },
  ],
};

const resultFirst: Row = {
  number: 14,
  fault: 'the result is sent, then the thread exits',
  owed: 'that result counts',
  probes: [
    {
      name: 'exit',
      run: async (scene) => {
        const ending = await scene.call('resultThenExit', 3).ending();
        scene.findings.push(...resolves(ending, (value) => value === 'sent before'));
        await pause(100);
        await afterwards(scene, 'settles');
      },
    },
  ],
};

const outOfMemory: Row = {
  number: 15,
  fault: 'out of memory under resourceLimits',
  owed: 'jobs in flight reject with ERR_WORKER_OUT_OF_MEMORY; the process lives',
  probes: [
    {
      name: 'many small objects',
      run: (scene) => {
        scene.start({ resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 8 } });
        return runFault(scene, {
          job: 'fillMemory',
          judge: (ending) => rejectsWith(ending, /ERR_WORKER_OUT_OF_MEMORY|out of memory|memory limit/i),
          neighbour: 'settles',
          afterwards: 'settles',
          ms: 6000,
        });
      },
    },
  ],
};

const overflowing: Row = {
  number: 16,
  fault: 'stack overflow',
  owed: 'RangeError; the loop goes on',
  probes: [
    {
      name: 'recursion',
      run: (scene) => runFault(scene, { job: 'overflow', judge: (ending) => rejectsWith(ending, 'call stack') }),
    },
  ],
};

export const threadRows: readonly Row[] = [
  rejection,
  uncaught,
  unheard,
  exiting,
  resultFirst,
  outOfMemory,
  overflowing,
];
