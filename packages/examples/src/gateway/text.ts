import type { Options } from './options.ts';
import type { Phase } from './phase.ts';
import type { Report } from './report.ts';
import type { Tally } from './tally.ts';

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
export function doneText(tally: Tally, wallMs: number): string {
  return `    ${tally.sent} sent, ${tally.failed} failed, ${plural(tally.reports, 'report')}, ${(wallMs / 1000).toFixed(2)} s`;
}

/** What was done when a signal stopped it. Every message is in one of the counts. */
export function stoppedText(cause: string, phase: Phase | undefined): string[] {
  if (phase === undefined) return [`${cause} before the first message of a phase was sent`];
  const { tally } = phase;
  // What has not ended by now was asked to.
  const cancelled = tally.cancelled + tally.inFlight;
  return [
    `${cause} during: ${phase.name}`,
    `    ${tally.sent} sent, ${tally.failed} failed (${plural(tally.alerts, 'alert')}), ${cancelled} cancelled in flight, ${tally.waiting} not sent; ${plural(tally.reports, 'report')}`,
    ...(cancelled === 0 ? [] : ['    the service may have got those in flight before they were cancelled']),
  ];
}

/** A delivery report, so that one can see that it was really computed. */
export function reportText({ messages, sent, p50, p99, mean, meanFrom, meanTo }: Report): string {
  const ms = [p50, p99, mean, meanFrom, meanTo].map((each) => each.toFixed(1));
  return `the last report: ${sent} of ${messages} sent, answers in ms: p50 ${ms[0]}, p99 ${ms[1]},\n    mean ${ms[2]} (95 % confidence: ${ms[3]} to ${ms[4]})`;
}

/** What the table's last columns are, and where the reports on the loop were felt. */
export function legendText(blocks: readonly number[]): string[] {
  const lines = ['main loop: how long what is due there waits, measured every ms;', '    an idle loop shows about 1, nothing is subtracted'];
  if (blocks.length > 0) {
    const longest = blocks.reduce((most, ms) => Math.max(most, ms), 0);
    lines.push(`the other loop: reports blocked it ${plural(blocks.length, 'time')}, for ${longest.toFixed(0)} ms at most;`, '    what was in flight there waited meanwhile');
  }
  return lines;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
