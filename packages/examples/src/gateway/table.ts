import type { Measured, Plan } from './phase.ts';
import type { Tally } from './tally.ts';

/** A phase that came to its end. */
export interface Row extends Measured {
  readonly plan: Plan;
  readonly tally: Tally;
  /** Alerts that the service received during the phase. */
  readonly alerts: number;
}

interface Column {
  readonly title: string;
  /** `first` is the row that speed-ups are against. */
  readonly cell: (row: Row, first: Row) => string;
  readonly isText?: boolean;
}

const columns: readonly Column[] = [
  { title: 'messages', cell: ({ plan }) => plan.mode, isText: true },
  { title: 'report', cell: ({ plan }) => (plan.reportIn === 'main' ? 'in main' : 'on loop'), isText: true },
  { title: 'wall', cell: ({ wallMs }) => `${(wallMs / 1000).toFixed(2)} s` },
  { title: 'speed-up', cell: ({ wallMs }, first) => `${(first.wallMs / wallMs).toFixed(1)}x` },
  { title: 'sent', cell: ({ tally }) => String(tally.sent) },
  { title: 'failed', cell: ({ tally }) => String(tally.failed) },
  { title: 'alerts', cell: ({ alerts }) => String(alerts) },
  { title: 'p50', cell: ({ delay }) => delay.p50.toFixed(1) },
  { title: 'p99', cell: ({ delay }) => delay.p99.toFixed(1) },
  { title: 'max', cell: ({ delay }) => delay.max.toFixed(1) },
];
/** Above the last three. */
const delayTitle = 'main loop, ms';

/** The table as lines; with the default numbers it fits 80 columns. */
export function formatTable(rows: readonly Row[]): string[] {
  const first = rows[0];
  if (first === undefined) return [];
  const body = rows.map((row) => columns.map(({ cell }) => cell(row, first)));
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...body.map((cells) => cells[index]?.length ?? 0)),
  );
  const format = (cells: readonly string[]): string =>
    cells
      .map((text, index) =>
        columns[index]?.isText === true ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0),
      )
      .join('  ');
  const head = format(titles);
  return [delayTitle.padStart(head.length), head, '-'.repeat(head.length), ...body.map(format)];
}
