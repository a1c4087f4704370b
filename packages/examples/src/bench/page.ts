import { machineText, type Machine } from './machine.ts';
import { reference, roster } from './roster.ts';
import { limitMs, longMs } from './schedule.ts';
import type { WorkloadSummary } from './summary.ts';
import { asLines, asMarkdown, overviewGrid, workloadGrid } from './table.ts';

export interface Report {
  readonly machine: Machine;
  readonly command: string;
  readonly rounds: number;
  readonly summaries: readonly WorkloadSummary[];
}

const legend: readonly string[] = [
  `× is how many times better ${reference} was in the same round (above 1, ${reference} is better; below 1, the other): the median of the rounds; the spread is the least and the most.`,
  'Numbers are medians over the rounds. Every run is a process of its own, one at a time, the contestants in turns; every result is awaited and checked.',
  `A process that takes longer than ${limitMs / 1000} s is killed and shown as such. What takes longer than ${longMs / 1000} s runs in the first round only and has no spread.`,
  'In flight: that many calls in one tick, all of them awaited, then again. CPU is of the calling thread, and of all threads of the process with those of V8.',
];

/** For the terminal. */
export function reportText({ machine, command, rounds, summaries }: Report): string[] {
  return [
    ...machineText(machine),
    `${command} (rounds: ${rounds})`,
    '',
    ...summaries.flatMap((summary) => [`${summary.name}: ${summary.title}`, ...asLines(workloadGrid(summary)), '']),
    ...(hasRatios(summaries)
      ? [`× of the first number of each workload`, ...asLines(overviewGrid(summaries)), '']
      : []),
    ...legend,
  ];
}

/** As a page. */
export function reportPage({ machine, command, rounds, summaries }: Report): string {
  const contestants = new Set(summaries.flatMap(({ results }) => results.map(({ contestant }) => contestant)));
  const settings = roster
    .filter(({ name }) => contestants.has(name))
    .map(({ name, setting, package: from }) => [
      name,
      from === undefined ? '' : (machine.versions[from] ?? ''),
      setting,
    ]);
  const parts = [
    '# The last run of the benchmark',
    'Generated; do not edit.',
    ['```sh', command, '```'].join('\n'),
    [...machineText(machine), `rounds: ${rounds}`].map((line) => `- ${line}`).join('\n'),
    legend.join('\n\n'),
    ...(hasRatios(summaries)
      ? ['## × of the first number of each workload', asMarkdown(overviewGrid(summaries)).join('\n')]
      : []),
    '## Settings',
    asMarkdown([['contestant', 'version', 'setting'], ...settings], 'words').join('\n'),
    ...summaries.flatMap((summary) => [
      `## ${summary.name}`,
      `${summary.title}.`,
      asMarkdown(workloadGrid(summary)).join('\n'),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function hasRatios(summaries: readonly WorkloadSummary[]): boolean {
  return summaries.some(({ results }) => results.some(({ contestant }) => contestant === reference));
}
