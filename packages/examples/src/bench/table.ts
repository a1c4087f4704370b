import type { Figure, Ratio, Result, WorkloadSummary } from './summary.ts';

/** Cells of text; the first row is the head. */
export type Grid = readonly (readonly string[])[];

/** One workload: a row for each contestant, for each metric the median, and the ratio with its spread. */
export function workloadGrid({ metrics, results }: WorkloadSummary): Grid {
  const head = ['', ...metrics.flatMap(({ title }) => [title, '×', 'spread'])];
  return [
    head,
    ...results.map((result) =>
      row(
        result,
        metrics.map(({ key }) => key),
      ),
    ),
  ];
}

function row({ contestant, reason, figures }: Result, keys: readonly string[]): string[] {
  if (reason !== undefined) return [contestant, `— ${reason}`, ...keys.flatMap(() => ['', '', '']).slice(1)];
  return [contestant, ...keys.flatMap((key) => cells(figures[key]))];
}

function cells(figure: Figure | undefined): string[] {
  if (figure === undefined) return ['—', '', ''];
  const { ratio } = figure;
  if (ratio === undefined) return [digits(figure.median), '', ''];
  return [digits(figure.median), digits(ratio.median), spread(ratio)];
}

function spread({ least, most }: Ratio): string {
  return least === most ? '' : `${digits(least)}–${digits(most)}`;
}

/** The ratios of the first metric of every workload, one column for each contestant. */
export function overviewGrid(summaries: readonly WorkloadSummary[]): Grid {
  const contestants = summaries[0]?.results.map(({ contestant }) => contestant) ?? [];
  const rows = summaries.map(({ name, metrics, results }) => {
    const [first] = metrics;
    return [
      `${name}: ${first?.title ?? ''}`,
      ...results.map(({ status, figures, reason }) => {
        if (status !== 'done') return status === 'late' ? (reason ?? '') : status === 'failed' ? 'failed' : '—';
        const ratio = figures[first?.key ?? '']?.ratio;
        return ratio === undefined ? '—' : digits(ratio.median);
      }),
    ];
  });
  return [['', ...contestants], ...rows];
}

/** Three digits that count, fewer below 1. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.995 || size === 0) return value.toFixed(2);
  return size < 0.0005 ? '0.000' : value.toPrecision(size < 0.1 ? 1 : 2);
}

function isReason(cell: string): boolean {
  return cell.startsWith('— ');
}

/** Aligned for a terminal: names to the left, numbers to the right, words to the left. A reason may reach over the cells beside it. */
export function asLines(grid: Grid, kind: 'numbers' | 'words' = 'numbers'): string[] {
  const widths = (grid[0] ?? []).map((_, column) =>
    Math.max(...grid.map((cellsOfRow) => (isReason(cellsOfRow[column] ?? '') ? 1 : (cellsOfRow[column] ?? '').length))),
  );
  return grid.map((cellsOfRow) =>
    cellsOfRow
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || kind === 'words' || isReason(cell) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Numbers to the right; `words` is for a table without any. */
export function asMarkdown(grid: Grid, kind: 'numbers' | 'words' = 'numbers'): string[] {
  const [head = [], ...body] = grid;
  const rule = `|${head.map((_, column) => (column === 0 || kind === 'words' ? '---|' : '--:|')).join('')}`;
  return [markdownLine(head), rule, ...body.map(markdownLine)];
}

function markdownLine(cellsOfRow: readonly string[]): string {
  return `| ${cellsOfRow.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
