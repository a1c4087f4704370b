// Rows 17 to 20 and 23: jobs that do not end.
import { afterwards, endsWell, Neighbour, rejects, reported, runFault, sharedWords } from '../judge.ts';
import type { ProcessEnd, Row } from '../row.ts';
import { pause, type Scene } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

const timeout = 300;
/** A thread that does not answer is asked in steps, which have their deadlines, before it counts as lost. */
const endOfThreadMs = 5000;

const blocking: Row = {
  number: 17,
  fault: `an infinite loop, Atomics.wait for ever, an infinite microtask loop, under a time-out of ${timeout} ms`,
  owed: 'rejects; interrupted where that is possible; of the microtask loop, at least, the thread is replaced and nobody hangs',
  probes: [
    { name: 'for (;;)', run: (scene) => block(scene, 'spin', 'lives') },
    { name: 'Atomics.wait', run: (scene) => block(scene, 'waitForEver', 'lives') },
    { name: 'microtasks', run: (scene) => block(scene, 'spinMicrotasks', 'settles') },
  ],
};

async function block(scene: Scene, job: string, owed: 'lives' | 'settles'): Promise<void> {
  // The thread is up: a time-out that counts from the call has nothing of its start in it.
  await scene.call('inc', 1).ending();
  await runFault(scene, {
    job,
    arg: sharedWords(),
    options: { timeout },
    judge: (ending) => rejects(ending),
    neighbour: owed,
    neighbourMs: endOfThreadMs,
    afterwards: owed === 'lives' ? 'works' : 'settles',
  });
}

const unstoppable: Row = {
  number: 18,
  fault:
    'a thread that ignores `terminate()`, under a time-out: `execSync`; on Node 24 and 26 a loop over `Array.fill`',
  owed: 'jobs reject at the deadline, not when it ends; another thread serves, or the loop says that it is closed',
  probes: [
    {
      name: 'execSync',
      run: (scene) => blockUnstoppably(scene, 'blockOutside', { words: sharedWords(), seconds: 20 }),
    },
    { name: 'fill', run: (scene) => blockUnstoppably(scene, 'spinFilling', sharedWords()) },
  ],
};

async function blockUnstoppably(scene: Scene, job: string, arg: unknown): Promise<void> {
  await scene.call('inc', 1).ending();
  await runFault(scene, {
    job,
    arg,
    options: { timeout },
    judge: (ending) => rejects(ending),
    neighbour: 'settles',
    neighbourMs: endOfThreadMs,
    afterwards: 'settles',
  });
}

const seconds = 9;

async function loseThread(scene: Scene): Promise<void> {
  const words = sharedWords();
  scene.call('blockOutside', { words, seconds });
  await reported(words);
  // It reports before it blocks: only then nothing ends it.
  await pause(200);
  await scene.close(true).ending();
}

function endsWithSeven(end: ProcessEnd): Finding[] {
  return endsWell(end, 2500, 7);
}

const exitOfLost: Row = {
  number: 19,
  fault: 'the process wants to end while such a thread still blocks',
  owed: 'it ends within two seconds, with its own exit code',
  probes: [
    {
      name: 'exitCode',
      run: async (scene) => {
        await loseThread(scene);
        process.exitCode = 7;
      },
      judgeEnd: endsWithSeven,
    },
  ],
};

const unsettled: Row = {
  number: 20,
  fault: 'a job that never settles, under a time-out',
  owed: 'rejects; its slot is free again; neighbours go on',
  probes: [
    {
      name: 'await for ever',
      run: async (scene) => {
        await scene.call('inc', 1).ending();
        await runFault(scene, {
          job: 'never',
          arg: sharedWords(),
          options: { timeout },
          judge: (ending) => rejects(ending),
        });
      },
    },
  ],
};

const blockingCancel: Row = {
  number: 23,
  fault: 'a blocking job is cancelled while it runs',
  owed: 'it stops where it asks for a cancel; the thread, its state and its other jobs go on',
  probes: [
    {
      name: 'polite',
      run: async (scene) => {
        await scene.call('remember', 7).ending();
        const controller = new AbortController();
        const { signal } = controller;
        const neighbour = await Neighbour.near(scene, { signal });
        const words = sharedWords();
        const call = scene.call('spinPolitely', words, { signal });
        neighbour.join();
        if (!(await reported(words))) scene.find('hangs', 'it never began');
        controller.abort();
        scene.findings.push(...rejects(await call.ending()));
        await neighbour.check('lives');
        const kept = await scene.call('recall').ending();
        if (kept.is === 'resolved' && kept.value !== 7)
          scene.find('ok', 'its thread is replaced, module state is lost');
        else if (kept.is === 'rejected') scene.find('hurts a neighbour', `later jobs: ${show(kept.reason)}`);
        else if (kept.is === 'pending') scene.find('hangs', 'the thread stays blocked');
        await afterwards(scene);
      },
    },
  ],
};

export const blockedRows: readonly Row[] = [blocking, unstoppable, exitOfLost, unsettled, blockingCancel];
