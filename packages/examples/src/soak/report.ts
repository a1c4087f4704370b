import type { Memory } from '../bench/memory.ts';
import { asLines } from '../bench/table.ts';
import { growthOf, type Growth } from './growth.ts';
import type { Stage } from './stage.ts';

export interface Ending {
  readonly windows: readonly Memory[];
  /** Long enough for memory to be judged: it is taken faster than it is given back. */
  readonly isLong: boolean;
  readonly threadsMade: number;
  readonly threadsLeft: number;
  readonly handlesLeft: readonly string[];
  readonly listenersLeft: number;
}

/** One thing that was promised, and whether it was so. */
export interface Check {
  readonly what: string;
  readonly isKept: boolean;
}

export function checksOf({ ledger }: Stage, ending: Ending): Check[] {
  const { windows, isLong, threadsMade, threadsLeft, handlesLeft, listenersLeft } = ending;
  return [
    { what: `${ledger.unsettled} of ${ledger.given} futures are not settled`, isKept: ledger.unsettled === 0 },
    { what: `${ledger.wrongs} of them, or of what they gave, were not as they should be`, isKept: ledger.wrongs === 0 },
    ...(isLong
      ? [memoryCheck('heap', growthOf(windows, 'heap')), memoryCheck('resident memory', growthOf(windows, 'rss'))]
      : []),
    { what: `${threadsLeft} of ${threadsMade} threads are left`, isKept: threadsLeft === 0 },
    {
      what: `${handlesLeft.length} handles are left${handlesLeft.length === 0 ? '' : `: ${handlesLeft.join(', ')}`}`,
      isKept: handlesLeft.length === 0,
    },
    { what: `${listenersLeft} listeners are left on the shared signal`, isKept: listenersLeft === 0 },
  ];
}

function memoryCheck(what: string, { first, last, isFlat }: Growth): Check {
  return {
    what: `${what}, MB: ${first.toFixed(1)} in the first windows, ${last.toFixed(1)} in the last`,
    isKept: isFlat,
  };
}

/** What was done, and how it ended. */
export function reportLines(stage: Stage, checks: readonly Check[]): string[] {
  const { ledger, pool, opened, unhandled } = stage;
  const rows = [...ledger.counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { right, lost }]) => [name, String(right), String(lost)]);
  return [
    ...asLines([['', 'right', 'lost with a thread'], ...rows]),
    '',
    `${pool.stats().restarts} loops of the pool were replaced, ${opened} loops opened, ${unhandled} errors that no future carries told`,
    '',
    ...checks.map(({ what, isKept }) => `${isKept ? 'ok  ' : 'FAILED'}  ${what}`),
    ...ledger.wrong.map((text) => `        ${text}`),
  ];
}
