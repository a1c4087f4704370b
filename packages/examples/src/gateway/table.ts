import type { Measured } from './phase.ts';
import type { Tally } from './tally.ts';

/** A phase that came to its end. */
export interface Row extends Measured {
  readonly name: string;
  readonly tally: Tally;
  /** Alerts that the service received during the phase. */
  readonly alerts: number;
}

const columns = ['wall time', 'speed-up', 'sent', 'failed', 'alerts', 'reports', 'p50', 'p99', 'max'] as const;
/** The last three columns are about the main loop. */
const delayColumns = 3;
const gap = 3;

/** The table as lines. Speed-ups are against the first row. */
export function formatTable(rows: readonly Row[]): string[] {
  const first = rows[0];
  if (first === undefined) return [];
  const cells = rows.map((row) => cellsOf(row, first));
  const widths = columns.map((title, index) => gap + Math.max(title.length, ...cells.map((each) => (each[index] ?? '').length)));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, values: readonly string[]): string => name.padEnd(nameWidth) + values.map((value, index) => value.padStart(widths[index] ?? 0)).join('');
  const width = nameWidth + sum(widths);
  const delayWidth = sum(widths.slice(-delayColumns)) - gap;
  return [
    `${' '.repeat(width - delayWidth)}${'main loop, ms'.padStart(delayWidth)}`,
    line('', columns),
    '-'.repeat(width),
    ...rows.map(({ name }, index) => line(name, cells[index] ?? [])),
  ];
}

function cellsOf({ wallMs, tally, alerts, delay }: Row, first: Row): string[] {
  const counts = [tally.sent, tally.failed, alerts, tally.reports].map(String);
  return [`${(wallMs / 1000).toFixed(2)} s`, `${(first.wallMs / wallMs).toFixed(1)}x`, ...counts, ...[delay.p50, delay.p99, delay.max].map((ms) => ms.toFixed(1))];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
