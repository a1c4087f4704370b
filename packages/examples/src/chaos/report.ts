import { asLines } from '../bench/table.ts';
import type { Report } from './chaos.ts';
import type { FaultName } from './fault.ts';

const titles: Readonly<Record<FaultName, string>> = {
  kill: 'consumers killed',
  drop: 'replies dropped',
  restart: 'Redis killed',
};

/**
 * Most effects that may be done twice: what one fault hits is what is under way, in one process, or in all of them where Redis
 * itself is gone.
 */
export function boundOf({ fault, made, processes, concurrency }: Report): number {
  return made * concurrency * (fault === 'restart' ? processes : 1);
}

/** What was promised and is not so; of the naive consumer, only that the faults were seen to cost it something. */
export function brokenOf(report: Report): string[] {
  const {
    source,
    messages,
    poison = 0,
    made,
    faults,
    enqueued,
    lost,
    duplicates,
    renamed,
    stuck,
    dead,
    deaths,
    isLate,
  } = report;
  if (source === 'naive') return lost > 0 ? [] : ['the naive consumer lost nothing: the faults did not hit'];
  const bound = boundOf(report);
  const checks: [boolean, string][] = [
    [lost > 0, `${lost} messages are lost`],
    [stuck > 0, `${stuck} messages are stuck`],
    [dead > 0, `${dead} messages were given up, of which no job failed`],
    [duplicates > bound, `${duplicates} effects were done twice, and at most ${bound} may be`],
    [renamed > 0, `${renamed} messages changed their ids`],
    [made < faults, `${made} of ${faults} faults could be made`],
    [enqueued < messages + poison, `${enqueued} of ${messages + poison} messages could be put in`],
    [deaths > 0, `${deaths} consumers ended by themselves`],
    [isLate, 'the consumers did not end when they were told to'],
  ];
  return checks.filter(([isBroken]) => isBroken).map(([, text]) => text);
}

const head = ['', 'source', 'faults', 'enqueued', 'done', 'lost', 'twice', 'at most', 'stuck', 'dead', 'seconds'];

/** A line for each run, then what was wrong, with what its consumers said. */
export function reportLines(reports: readonly Report[], leftOut: readonly string[]): string[] {
  const rows = reports.map((report) => [
    titles[report.fault],
    report.source,
    ...[report.made, report.enqueued, report.done, report.lost, report.duplicates].map(String),
    report.source === 'naive' ? '—' : String(boundOf(report)),
    ...[report.stuck, report.dead].map(String),
    report.seconds.toFixed(1),
  ]);
  const wrong = reports.flatMap((report) => {
    const broken = brokenOf(report).map((text) => `FAILED  ${titles[report.fault]}, ${report.source}: ${text}`);
    return broken.length === 0 ? [] : [...broken, ...report.said.slice(0, 10).map((line) => `        ${line}`)];
  });
  const dropped = reports
    .filter(({ note }) => note !== '')
    .map(({ source, note }) => `Replies dropped of ${source}: ${note}`);
  return [...asLines([head, ...rows]), '', ...dropped, ...leftOut, ...wrong];
}
