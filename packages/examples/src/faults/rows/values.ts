// Rows 4 to 9: what cannot be sent, and what can.
import { isDeepStrictEqual } from 'node:util';

import { afterwards, rejects, rejectsWith, resolves, runFault, tells } from '../judge.ts';
import type { Row } from '../row.ts';
import type { Ending, Scene } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

function namesCulprit(ending: Ending): Finding[] {
  return rejects(ending, (reason) =>
    tells(reason, 'onClick') && tells(reason, /user|list/)
      ? undefined
      : { word: 'loses details', note: `no path to the culprit: ${show(reason)}` },
  );
}

const uncloneableResult: Row = {
  number: 4,
  fault: 'returns something uncloneable, at the top or deep inside',
  owed: 'rejects with the path of the culprit; neighbours and loop unharmed',
  probes: [
    { name: 'top', run: (scene) => runFault(scene, { job: 'returnFunction', judge: (ending) => rejects(ending) }) },
    { name: 'deep', run: (scene) => runFault(scene, { job: 'returnDeeplyUncloneable', judge: namesCulprit }) },
  ],
};

const uncloneableArgument: Row = {
  number: 5,
  fault: 'an uncloneable argument',
  owed: 'rejects at the caller; nothing else of the same batch affected',
  probes: [
    {
      name: 'in a batch',
      run: async (scene) => {
        const before = scene.call('inc', 1);
        const culprit = scene.call('echo', { onClick: () => 1 });
        const behind = scene.call('inc', 2);
        scene.findings.push(...rejects(await culprit.ending()));
        for (const call of [before, behind])
          if ((await call.ending()).is !== 'resolved') scene.find('hurts a neighbour', 'another call of the same turn');
        await afterwards(scene);
      },
    },
  ],
};

function samples(): Record<string, unknown> {
  const all: Record<string, unknown> = {
    map: new Map<unknown, unknown>([['k', new Set([1, 'two'])]]),
    big: 2n ** 80n,
    date: new Date(1e12),
    typed: new Float64Array([1.5, -0]),
    regexp: /a+/giu,
    holes: [undefined, null, NaN],
  };
  all['self'] = all;
  return all;
}

function isSame(value: unknown): boolean {
  const { error, ...rest } = value as { readonly error?: Error };
  const isError = error instanceof RangeError && error.message === 'nested';
  // The cycle leads to the whole with its error; what is compared is all else.
  return isError && isDeepStrictEqual({ ...rest, self: undefined }, { ...samples(), self: undefined });
}

const strangeValues: Row = {
  number: 6,
  fault: 'circular values, Map, Set, BigInt, Date, typed arrays, nested Errors',
  owed: 'arrive as structured clone gives them, both ways',
  probes: [
    {
      name: 'there and back',
      run: (scene) =>
        runFault(scene, {
          job: 'echo',
          arg: Object.assign(samples(), { error: new RangeError('nested') }),
          judge: (ending) => resolves(ending, isSame),
        }),
    },
  ],
};

const depth = 100_000;

function nested(): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** That it arrives is fine, too. */
function isSettled(ending: Ending): Finding[] {
  return ending.is === 'resolved' ? [] : rejects(ending);
}

const tooDeep: Row = {
  number: 7,
  fault: `a value nested ${depth.toLocaleString('en')} deep`,
  owed: 'rejects; both ends alive',
  probes: [
    { name: 'argument', run: (scene) => runFault(scene, { job: 'echo', arg: nested(), judge: isSettled }) },
    { name: 'result', run: (scene) => runFault(scene, { job: 'returnDeep', arg: depth, judge: isSettled }) },
  ],
};

function isData(result: unknown): boolean {
  return Object.hasOwn(result as object, '__proto__');
}

async function pollutes(scene: Scene): Promise<void> {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object;
  await runFault(scene, { job: 'echo', arg: value, judge: (ending) => resolves(ending, isData) });
  if (scene.hangs) return;
  const inThread = await scene.call('isClean').ending();
  if (!('polluted' in {}) && inThread.is === 'resolved' && inThread.value === true) return;
  scene.find('wrong result', 'Object.prototype is polluted');
}

const protoKey: Row = {
  number: 8,
  fault: '`__proto__` as a data key',
  owed: 'stays data; `Object.prototype` untouched',
  probes: [
    {
      name: 'there and back',
      run: pollutes,
    },
  ],
};

const trap = {
  get bad(): never {
    throw new Error('trapped');
  },
};

const proxy = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('trapped');
    },
  },
);

const throwingArgument: Row = {
  number: 9,
  fault: 'a getter or a Proxy in an argument that throws',
  owed: 'rejects at the caller',
  probes: [
    {
      name: 'getter',
      run: (scene) => runFault(scene, { job: 'echo', arg: trap, judge: (ending) => rejectsWith(ending, 'trapped') }),
    },
    {
      name: 'Proxy',
      run: (scene) => runFault(scene, { job: 'echo', arg: { proxy }, judge: (ending) => rejects(ending) }),
    },
  ],
};

export const valueRows: readonly Row[] = [
  uncloneableResult,
  uncloneableArgument,
  strangeValues,
  tooDeep,
  protoKey,
  throwingArgument,
];
