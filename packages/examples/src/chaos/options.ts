import { countFrom, namesFrom, valuesFrom } from '../bench/command-line.ts';
import type { Order } from './chaos.ts';
import { faultNames, type FaultName } from './fault.ts';
import { sourceNames, type SourceName } from './plan.ts';

const config = {
  source: { type: 'string', multiple: true },
  fault: { type: 'string', multiple: true },
  messages: { type: 'string' },
  kills: { type: 'string' },
  drops: { type: 'string' },
  restarts: { type: 'string' },
  processes: { type: 'string' },
  concurrency: { type: 'string' },
  work: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Usual {
  readonly messages: number;
  readonly faults: number;
  /** What it can be made to: SQLite has no server. */
  readonly sources: readonly SourceName[];
}

const standard: Readonly<Record<FaultName, Usual>> = {
  kill: { messages: 4000, faults: 14, sources: sourceNames },
  drop: { messages: 2000, faults: 60, sources: ['list', 'bullmq', 'naive'] },
  restart: { messages: 3000, faults: 2, sources: ['list', 'bullmq'] },
};

const processes = 2;
const concurrency = 8;
const workMs = 10;
const limitMs = 120_000;

export const usage: string = [
  'Work through queues whose consumers are killed, whose replies are dropped, whose Redis is killed; see that nothing is lost.',
  '',
  'Usage: npm run chaos -- [options]',
  '',
  `  --source <names>   ${sourceNames.join(', ')}, or all (default); naive is the tutorial's BRPOP, which loses`,
  `  --fault <names>    ${faultNames.join(', ')} (default all)`,
  `  --messages <n>     in each run (default ${Object.entries(standard)
    .map(([fault, { messages }]) => `${messages} of ${fault}`)
    .join(', ')})`,
  `  --kills <n>        consumers that get SIGKILL (default ${standard.kill.faults})`,
  `  --drops <n>        replies of Redis that are dropped with their connection (default ${standard.drop.faults})`,
  `  --restarts <n>     times that Redis gets SIGKILL, and is started again (default ${standard.restart.faults})`,
  `  --processes <n>    consumers (default ${processes})`,
  `  --concurrency <n>  messages under way in each of them (default ${concurrency})`,
  `  --work <ms>        that each message takes, about (default ${workMs})`,
  '  --help, -h         this text',
  '',
  'Redis servers are its own, on free ports. The exit code is 1 where something is lost, stuck or given up, or more is done twice',
  'than was under way when a fault was made; or where the naive consumer loses nothing, since the faults do not hit then.',
].join('\n');

/** Read the command line: the runs that it asks for; undefined when it asks for help. Throws UsageError. */
export function readOptions(args: readonly string[]): Order[] | undefined {
  const values = valuesFrom(args, config);
  if (values.help === true) return undefined;
  const named = namesFrom('--source', values.source, [...sourceNames, 'all']);
  const sources: readonly string[] = named.includes('all') ? sourceNames : named;
  const faults = namesFrom('--fault', values.fault, faultNames) as readonly FaultName[];
  const counts = { kill: values.kills, drop: values.drops, restart: values.restarts };
  const optionOf = { kill: '--kills', drop: '--drops', restart: '--restarts' };
  return faults.flatMap((fault) => {
    const usual = standard[fault];
    const order = {
      fault,
      messages: countFrom('--messages', values.messages, usual.messages, 100_000),
      faults: countFrom(optionOf[fault], counts[fault], usual.faults, 1000),
      processes: countFrom('--processes', values.processes, processes, 16),
      concurrency: countFrom('--concurrency', values.concurrency, concurrency, 1000),
      workMs: countFrom('--work', values.work, workMs, 10_000),
      limitMs,
    };
    return usual.sources.filter((source) => sources.includes(source)).map((source) => ({ ...order, source }));
  });
}
