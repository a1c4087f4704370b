// Rows 24 to 28 and 43: threads that start, modules that do not load, names that are none.
import { badModule, type BadModule } from '../bad-modules.ts';
import { afterwards, endsWell, Neighbour, rejects, rejectsWith, runFault, tells } from '../judge.ts';
import type { Row } from '../row.ts';
import { pause, type Ending, type Scene } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

async function closeAtOnce(scene: Scene, now: boolean): Promise<void> {
  const calls = [1, 2, 3].map((n) => scene.call('inc', n));
  const close = scene.close(now);
  for (const call of calls)
    if ((await call.ending()).is === 'pending') return scene.find('hangs', 'a job never settled');
  if ((await close.ending()).is === 'pending') scene.find('hangs', 'close never settled');
}

const closing: Row = {
  number: 24,
  fault: 'close or terminate while the thread is starting',
  owed: 'everything pending settles; no thread is left, the process ends',
  probes: [
    { name: 'close', run: (scene) => closeAtOnce(scene, false), judgeEnd: (end) => endsWell(end) },
    { name: 'terminate', run: (scene) => closeAtOnce(scene, true), judgeEnd: (end) => endsWell(end) },
  ],
};

/** Two jobs of a module that does not load; where calls name their modules, other modules must work meanwhile. */
async function loadBad(scene: Scene, what: BadModule, judge: (ending: Ending) => readonly Finding[]): Promise<void> {
  const module = badModule(what);
  scene.start({ loadTimeoutMs: 1000 });
  if (!scene.subject.takesModules) {
    await scene.close(true).ending();
    scene.start({ module });
    const calls = [scene.call('inc', 1), scene.call('inc', 2)];
    for (const call of calls) if (!scene.hangs) scene.findings.push(...judge(await call.ending()));
    return;
  }
  const neighbour = await Neighbour.near(scene, {});
  const calls = [scene.call('inc', 1, { module }), scene.call('inc', 2, { module })];
  neighbour.join();
  for (const call of calls) if (!scene.hangs) scene.findings.push(...judge(await call.ending()));
  await neighbour.check('lives');
  await afterwards(scene);
}

const causes = {
  missing: /ERR_MODULE_NOT_FOUND|Cannot find module/,
  'syntax error': /SyntaxError/,
  'throws at load': /thrown at load/,
} as const;

const badModules: Row = {
  number: 25,
  fault: 'the module is missing, has a syntax error, throws while it loads',
  owed: 'every job of it rejects with the cause; the loop lives, other modules work',
  probes: (Object.keys(causes) as (keyof typeof causes)[]).map((what) => ({
    name: what,
    run: (scene) => loadBad(scene, what, (ending) => rejectsWith(ending, causes[what])),
  })),
};

const neverLoads: Row = {
  number: 26,
  fault: 'a top-level await of the module never settles',
  owed: 'a time-out for the start, then the same',
  probes: [
    {
      name: 'never settles',
      run: (scene) => loadBad(scene, 'never settles', (ending) => rejects(ending)),
    },
  ],
};

function listsNames(ending: Ending): Finding[] {
  return rejects(ending, (reason) =>
    tells(reason, /\becho\b/) ? undefined : { word: 'loses details', note: `no names: ${show(reason)}` },
  );
}

const unknownExports: Row = {
  number: 27,
  fault: 'the export is missing, or is not a function',
  owed: 'an error that lists the names there are',
  probes: [
    { name: 'missing', run: (scene) => runFault(scene, { job: 'nope', judge: listsNames }) },
    { name: 'not a function', run: (scene) => runFault(scene, { job: 'notAJob', judge: listsNames }) },
  ],
};

const inherited: Row = {
  number: 28,
  fault: 'jobs named `constructor`, `toString`, `__proto__`, `hasOwnProperty`, `then`',
  owed: 'unknown jobs',
  probes: ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'then'].map((job) => ({
    name: job,
    run: (scene) =>
      runFault(scene, {
        job,
        arg: 1,
        judge: (ending) =>
          ending.is === 'resolved'
            ? [{ word: 'wrong result', note: `runs something: resolved with ${show(ending.value)}` }]
            : rejects(ending),
      }),
  })),
};

const jobs = 25;

/** The job's thread ends again and again; that must not go on when nobody asks for anything. */
async function crashAgainAndAgain(scene: Scene): Promise<void> {
  scene.start({ module: badModule('exits at load') });
  for (let i = 0; i < jobs && !scene.hangs; i++) {
    const ending = await scene.call('inc', i).ending();
    if (ending.is === 'pending') scene.find('hangs', `job ${i + 1} of ${jobs} never settled`);
    if (ending.is === 'resolved') scene.find('wrong result', `resolved with ${show(ending.value)}`);
  }
  const before = process.cpuUsage();
  await pause(500);
  const { user, system } = process.cpuUsage(before);
  if (user + system > 250_000) scene.find('wrong result', 'threads are started again and again, although nobody asks');
}

const crashLoop: Row = {
  number: 43,
  fault: `a crash loop: the thread exits while it loads the module, for ${jobs} jobs in a row`,
  owed: 'restarts are limited; everything rejects',
  probes: [{ name: 'exits at load', run: crashAgainAndAgain }],
};

export const moduleRows: readonly Row[] = [closing, badModules, neverLoads, unknownExports, inherited, crashLoop];
