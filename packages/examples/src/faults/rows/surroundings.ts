// Rows 45 to 49: what surrounds the jobs.
import { endsWell, resolves, runFault } from '../judge.ts';
import type { ProcessEnd, Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

const garbage = { null: null, text: 'garbage', object: { id: 1, taskId: 1, type: 'x' } };

const garbageOnPort: Row = {
  number: 45,
  fault: 'a job posts something of its own on `parentPort`',
  owed: "ignored and counted, or the user's to hear; no job fails for it",
  probes: (Object.keys(garbage) as (keyof typeof garbage)[]).map((what) => ({
    name: what,
    run: (scene) =>
      runFault(scene, {
        job: 'postGarbage',
        arg: garbage[what],
        judge: (ending) => resolves(ending, (value) => value === 'posted'),
      }),
  })),
};

const pollution = { eval: true, env: { POLLUTED: '1' }, execArgv: ['--no-such-option'] };

const polluted: Row = {
  number: 46,
  fault: 'a polluted `Object.prototype` (`eval`, `env`, `execArgv`)',
  owed: 'no influence on the thread',
  probes: (Object.keys(pollution) as (keyof typeof pollution)[]).map((name) => ({
    name,
    run: async (scene) => {
      const { prototype } = Object;
      Object.assign(prototype, { [name]: pollution[name] });
      const ending = await scene.call('inc', 1).ending();
      if (ending.is === 'rejected') scene.find('wrong result', `rejected with ${show(ending.reason)}`);
      else scene.findings.push(...resolves(ending, (value) => value === 2));
    },
  })),
};

async function sabotage(scene: Scene): Promise<void> {
  await runFault(scene, { job: 'sabotage', judge: (ending) => resolves(ending, (value) => value === 'done') });
  if (scene.hangs) return;
  const failing = await scene.call('fail', 'still told').ending();
  if (failing.is === 'pending') return scene.find('hangs', 'a job that fails later never settled');
  if (failing.is === 'resolved') scene.find('loses the error', 'a job that fails later resolves');
  if ((await scene.close().ending(6000)).is === 'pending') scene.find('hangs', 'close never settled');
}

const replacedGlobals: Row = {
  number: 47,
  fault: 'a job replaces globals: `Promise`, timers, `console`, `process.exit`',
  owed: 'later jobs, errors and close work',
  probes: [{ name: 'all of them', run: sabotage }],
};

const ofProcess = '--no-deprecation';
const ofUser = '--no-warnings';

const execArgv: Row = {
  number: 48,
  fault: `\`execArgv: ['${ofUser}']\` in a process started with \`${ofProcess}\``,
  owed: "appended to the process's own, never replacing them",
  probes: [
    {
      name: 'both',
      execArgv: [ofProcess],
      run: async (scene) => {
        scene.start({ execArgv: [ofUser] });
        const ending = await scene.call('execArgv').ending();
        const findings = resolves(ending, (value) => (value as readonly string[]).includes(ofUser));
        scene.findings.push(...findings);
        if (findings.length > 0 || ending.is !== 'resolved') return;
        if (!(ending.value as readonly string[]).includes(ofProcess))
          scene.find('wrong result', 'the options of the process do not reach the thread');
      },
    },
  ],
};

const lines = 20_000;

function countLines({ text, ...end }: ProcessEnd): Finding[] {
  const findings = endsWell({ text, ...end }, 5000);
  const printed = text.match(/^flood \d+$/gm)?.length ?? 0;
  if (printed < lines)
    findings.push({ word: 'wrong result', note: 'lines that were printed before the result are lost' });
  return findings;
}

const output: Row = {
  number: 49,
  fault: `a job prints ${lines.toLocaleString('en')} lines, then returns; the contestant is closed, the process ends`,
  owed: 'no deadlock; what was printed before the result is not lost',
  probes: [
    {
      name: 'flood',
      run: async (scene) => {
        scene.findings.push(...resolves(await scene.call('flood', lines).ending(6000), (value) => value === lines));
        if ((await scene.close().ending(6000)).is === 'pending') scene.find('hangs', 'close never settled');
      },
      judgeEnd: countLines,
    },
  ],
};

export const surroundingRows: readonly Row[] = [garbageOnPort, polluted, replacedGlobals, execArgv, output];
