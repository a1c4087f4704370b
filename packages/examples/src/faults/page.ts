import { machineText, type Machine } from '../bench/machine.ts';
import { asLines, asMarkdown, type Grid } from '../bench/table.ts';
import type { RowResults } from './results.ts';
import { roster } from './roster.ts';
import { leftOut } from './rows.ts';
import { meanings, words } from './verdict.ts';

export interface Report {
  readonly machine: Machine;
  readonly command: string;
  readonly results: readonly RowResults[];
}

const legend: readonly string[] = [
  'Each way of each fault is put to each contestant in a process of its own, with one thread, and every await has a limit: what has not settled after seconds counts as hanging. The worst of all that was seen stands in the table, what it was in the note of that number.',
  'A neighbour is another job of the same thread: one that is under way beside the faulty one where the contestant runs several at a time, else one that waits behind it. A later job is one that is called when the fault is over.',
];

/** Texts by number, in the order in which they were met; the same text has one number. */
class Notes {
  readonly #numbers = new Map<string, number>();

  get texts(): string[] {
    return [...this.#numbers.keys()];
  }

  /** How a cell refers to it. */
  reference(text: string): string {
    if (text === '') return '';
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    return ` (${number})`;
  }
}

interface Drawn {
  readonly grid: Grid;
  readonly notes: readonly string[];
}

/** `owed`: with a column of what is owed. */
function draw(results: readonly RowResults[], owed: boolean): Drawn {
  const notes = new Notes();
  const contestants = results[0]?.results.map(({ contestant }) => contestant) ?? [];
  const grid = [
    ['', 'fault', ...(owed ? ['what is owed'] : []), ...contestants],
    ...results.map(({ row, results: own }) => [
      String(row.number),
      owed ? row.fault : short(row.fault),
      ...(owed ? [row.owed] : []),
      ...own.map(({ word, note }) => `${word}${notes.reference(note)}`),
    ]),
    [
      '',
      'ok in',
      ...(owed ? [''] : []),
      ...contestants.map((_, i) => {
        const column = results.map(({ results: own }) => own[i]?.word).filter((word) => word !== 'not offered');
        return `${column.filter((word) => word === 'ok').length} of ${column.length}`;
      }),
    ],
  ];
  return { grid, notes: notes.texts };
}

const mostCharacters = 48;

function short(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

/** For the terminal. */
export function reportText({ machine, command, results }: Report): string[] {
  const { grid, notes } = draw(results, false);
  return [
    ...machineText(machine),
    command,
    '',
    ...asLines(grid, 'words'),
    '',
    ...notes.map((text, i) => `(${i + 1}) ${text}`),
  ];
}

/** As a page. */
export function reportPage({ machine, command, results }: Report): string {
  const { grid, notes } = draw(results, true);
  const shown = new Set(results.flatMap(({ results: own }) => own.map(({ contestant }) => contestant)));
  const settings = roster
    .filter(({ name }) => shown.has(name))
    .map(({ name, setting, package: from }) => [name, machine.versions[from ?? ''] ?? '', setting]);
  const parts = [
    '# What offloop and its peers make of faults',
    'Generated; do not edit.',
    ['```sh', command, '```'].join('\n'),
    machineText(machine)
      .map((line) => `- ${line}`)
      .join('\n'),
    ...legend,
    asMarkdown([['in the table', 'means'], ...words.map((word) => [word, meanings[word]])], 'words').join('\n'),
    '## The table',
    asMarkdown(grid, 'words').join('\n'),
    '## What was seen',
    notes.map((text, i) => `${i + 1}. ${escaped(text)}`).join('\n'),
    '## Settings',
    asMarkdown([['contestant', 'version', 'setting'], ...settings], 'words').join('\n'),
    '## Rows that are not here',
    leftOut.map((text) => `- ${text}`).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Text of errors is not Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>]/g, String.raw`\$&`);
}
