import type { Options } from './options.ts';
import type { Phase } from './phase.ts';
import type { Report } from './report.ts';

const barWidth = 20;

/** The first line. */
export function openingText({ messages, seconds, concurrency, batch }: Options): string {
  return `SMS gateway: ${plural(messages, 'message')}, ${seconds} s each; concurrent: ${concurrency} at a time; a report for every ${batch}`;
}

/** The live line of a running phase. */
export function progressText({ tally }: Phase): string {
  const full = Math.floor((barWidth * tally.settled) / tally.messages);
  return `  [${'#'.repeat(full)}${' '.repeat(barWidth - full)}] ${tally.settled}/${tally.messages}  ${tally.sent} sent, ${tally.failed} failed, ${tally.inFlight} in flight`;
}

/** One line about a phase that came to its end. */
export function doneText({ tally, reports }: Phase, wallMs: number): string {
  return `    ${tally.sent} sent, ${tally.failed} failed, ${plural(reports.length, 'report')}, ${(wallMs / 1000).toFixed(2)} s`;
}

/** What was done when a signal stopped it. Every message is in one of the counts. */
export function stoppedText(cause: string, phase: Phase | undefined): string[] {
  if (phase === undefined) return [`${cause} before the first message of a phase was sent`];
  const { tally, reports } = phase;
  // What has not ended by now was asked to.
  const cancelled = tally.cancelled + tally.inFlight;
  return [
    `${cause} during: ${phase.name}`,
    `    ${tally.sent} sent, ${tally.failed} failed (${plural(tally.alerts, 'alert')}), ${cancelled} cancelled in flight, ${tally.waiting} not sent; ${plural(reports.length, 'report')}`,
    ...(cancelled === 0 ? [] : ['    the service may have got those in flight before they were cancelled']),
  ];
}

/** What stands below the table: what its last columns are, and what the reports of all phases did. */
export function legendText(reports: readonly Report[]): string[] {
  return [
    'speed-up: against the first row',
    'main loop: how long what is due there waits, measured every ms;',
    '    an idle loop shows about 1, nothing is subtracted',
    ...reports.slice(-1).flatMap((last) => reportText(last, reports)),
  ];
}

function reportText(last: Report, reports: readonly Report[]): string[] {
  const least = reports.reduce((ms, { tookMs }) => Math.min(ms, tookMs), Infinity);
  const most = reports.reduce((ms, { tookMs }) => Math.max(ms, tookMs), 0);
  const [p50, p99, mean, from, to] = [last.p50, last.p99, last.mean, last.meanFrom, last.meanTo].map((ms) =>
    ms.toFixed(1),
  );
  return [
    `reports: ${reports.length} in all; each blocked the loop that made it for ${least.toFixed(0)} to ${most.toFixed(0)} ms,`,
    '    and where that was not main, the messages in flight waited there meanwhile',
    `the last one: ${last.sent} of ${last.messages} sent, answers in ms: p50 ${p50}, p99 ${p99},`,
    `    mean ${mean} (95 % confidence: ${from} to ${to})`,
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
