// Rows 1 to 3: what a job throws.
import { rejects, rejectsWith, runFault, tells } from '../judge.ts';
import { strange } from '../jobs.ts';
import type { Probe, Row } from '../row.ts';
import type { Ending } from '../scene.ts';
import { show, type Finding } from '../verdict.ts';

const mark = 'what went wrong';

const throwing: Row = {
  number: 1,
  fault: 'a job throws',
  owed: "rejects with the job's error; the loop goes on",
  probes: (['fail', 'failAsync'] as const).map((job) => ({
    name: job === 'fail' ? 'sync' : 'async',
    run: (scene) => runFault(scene, { job, arg: mark, judge: (ending) => rejectsWith(ending, mark) }),
  })),
};

/** By the name of the value, what an error must have in it to tell of the value where that cannot travel. */
const texts = { null: undefined, undefined, string: 'a string', symbol: 'mark', function: 'culprit' };

const strangeThings: Row = {
  number: 2,
  fault: 'it throws null, undefined, a string, a symbol, a function',
  owed: 'rejects, and tells the value; never resolves, never hangs',
  probes: (Object.keys(texts) as (keyof typeof texts)[]).map((what) => ({
    name: what,
    run: (scene) =>
      runFault(scene, {
        job: 'throwStrange',
        arg: what,
        judge: (ending) => rejects(ending, (reason) => (tellsValue(reason, what) ? undefined : vague(reason))),
      }),
  })),
};

function tellsValue(reason: unknown, what: keyof typeof texts): boolean {
  const text = texts[what];
  if (text !== undefined) return tells(reason, text);
  const value = strange[what];
  return reason === value || (reason instanceof Error && 'cause' in reason && reason.cause === value);
}

function vague(reason: unknown): Finding {
  return { word: 'loses details', note: `rejected with ${show(reason)}` };
}

type Face = Error & { code?: unknown; details?: unknown; account?: unknown; hook?: unknown; errors?: unknown[] };

/** What an error must still have, by name; the message comes first. */
type Parts = Readonly<Record<string, (error: Face) => boolean>>;

const faces: Readonly<Record<string, Parts>> = {
  'code and properties': {
    message: ({ message }) => message === 'the top',
    name: ({ name }) => name === 'RangeError',
    code: ({ code }) => code === 'E_TOP',
    details: ({ details }) => Array.isArray(details) && details.length === 2,
  },
  causes: {
    message: ({ message }) => message === 'the top',
    cause: ({ cause }) => cause instanceof Error && cause.message === 'the middle',
    'its cause': ({ cause }) => (cause as Face | undefined)?.cause instanceof SyntaxError,
    'the code of that': ({ cause }) => ((cause as Face | undefined)?.cause as Face | undefined)?.code === 'E_ROOT',
  },
  AggregateError: {
    message: ({ message }) => message === 'together',
    errors: ({ errors }) => errors?.length === 2 && (errors[0] as Error).message === 'first',
  },
  DOMException: {
    message: ({ message }) => message === 'quota is over',
    name: ({ name }) => name === 'QuotaExceededError',
  },
  'own class': {
    message: ({ message }) => message === 'of an own class',
    name: ({ name }) => name === 'PlainOwnError',
    account: ({ account }) => account === 'A1',
  },
  'uncloneable property': {
    message: ({ message }) => message === 'the top',
    code: ({ code }) => code === 'E_TOP',
    'the text of the property': ({ hook }) => hook !== undefined,
  },
  'huge stack': { message: ({ message }) => message === 'huge' },
};

/** Longer than any stack that somebody reads. */
const longStack = 200_000;

const richErrors: Row = {
  number: 3,
  fault:
    'an error with code, properties, causes; AggregateError, DOMException, an own class, an uncloneable property, a huge stack',
  owed: 'name, message, code, cause, errors survive; an uncloneable property as its text; the stack is capped',
  probes: Object.entries(faces).map(([name, parts]): Probe => ({
    name,
    run: (scene) => runFault(scene, { job: 'failRichly', arg: name, judge: (ending) => judgeFace(ending, parts) }),
  })),
};

function judgeFace(ending: Ending, parts: Parts): Finding[] {
  return rejects(ending, (reason) => {
    const error = Object(reason) as Face;
    const missing = Object.entries(parts)
      .filter(([, isThere]) => !isThere(error))
      .map(([part]) => part);
    if (missing.includes('message')) return { word: 'loses the error', note: `rejected with ${show(reason)}` };
    if (missing.length > 0) return { word: 'loses details', note: `lost: ${missing.join(', ')}` };
    return String(error.stack).length > longStack
      ? { word: 'ok', note: 'the stack of 2.6 MB is not capped' }
      : undefined;
  });
}

export const errorRows: readonly Row[] = [throwing, strangeThings, richErrors];
