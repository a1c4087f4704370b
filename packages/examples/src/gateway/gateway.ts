import { jobModule, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { makeMessages } from './message.ts';
import type { Options } from './options.ts';
import { Phase, warmUp, type Gateway, type Measured, type Plan } from './phase.ts';
import type { Report } from './report.ts';
import type { Screen } from './screen.ts';
import { formatTable, type Row } from './table.ts';
import { doneText, legendText, openingText, progressText, stoppedText } from './text.ts';

const serviceJobs = jobModule<typeof import('./service.ts')>(new URL('./service.js', import.meta.url));

/** Every phase, then the table. Stopped by `signal` it tells what was done and returns. */
export async function runGateway(options: Options, screen: Screen, signal: AbortSignal): Promise<void> {
  const rows: Row[] = [];
  let phase: Phase | undefined;
  try {
    screen.print(openingText(options));
    // The service lives in a thread of its own: the main loop, which is measured, has nothing of its work.
    const serviceLoop = new WorkerLoop({ name: 'service', daemon: true });
    const loop = new WorkerLoop({ name: 'gateway', daemon: true });
    const service = await runCoroutineThreadsafe(serviceJobs.serve(options.seconds), serviceLoop);
    const gateway: Gateway = { loop, service, messages: makeMessages(options.messages), batch: options.batch };
    await warmUp(gateway, options.concurrency);
    const reports: Report[] = [];
    const plans = plansOf(options);
    for (const [index, plan] of plans.entries()) {
      phase = new Phase(plan, gateway);
      screen.print(`${index + 1}/${plans.length} ${phase.name}`);
      const alertsBefore = await runCoroutineThreadsafe(serviceJobs.countAlerts(), serviceLoop);
      const measured = await runShown(phase, screen);
      const alerts = (await runCoroutineThreadsafe(serviceJobs.countAlerts(), serviceLoop)) - alertsBefore;
      rows.push({ plan, tally: phase.tally, alerts, ...measured });
      for (const report of phase.reports) reports.push(report);
      screen.print(doneText(phase, measured.wallMs));
    }
    screen.print('', ...formatTable(rows), '', ...legendText(reports));
  } catch (error) {
    if (!signal.aborted) throw error;
    screen.print(...stoppedText((signal.reason as Error).message, phase));
    if (rows.length > 0) screen.print('', ...formatTable(rows));
  } finally {
    screen.clear();
  }
}

/** Both places for the report, with both ways to send: two rows that share one of the two differ in the other alone. */
function plansOf({ concurrency }: Options): Plan[] {
  return [
    { mode: 'sequential', consumers: 1, reportIn: 'main' },
    { mode: 'sequential', consumers: 1, reportIn: 'loop' },
    { mode: 'concurrent', consumers: concurrency, reportIn: 'main' },
    { mode: 'concurrent', consumers: concurrency, reportIn: 'loop' },
  ];
}

function runShown(phase: Phase, screen: Screen): Promise<Measured> {
  return screen.follow(
    () => progressText(phase),
    () => phase.run(),
  );
}
