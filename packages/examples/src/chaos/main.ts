// Chaos, started by `npm run chaos`: queues are worked through by processes that get SIGKILL, over connections that lose replies,
// from a Redis that gets SIGKILL, too; each effect is a line in a ledger. Then a table tells what was lost and what was done twice.
import { optionsOrTold, showProgress } from '../bench/command-line.ts';
import { runChaos, type Order, type Report } from './chaos.ts';
import { readOptions, usage } from './options.ts';
import { hasRedisServer } from './redis-server.ts';
import { brokenOf, reportLines } from './report.ts';
import { hasSqlite } from './stocks/sqlite.ts';

const orders = optionsOrTold('npm run chaos --', usage, () => readOptions(process.argv.slice(2)));
if (orders !== undefined) await chaos(orders);

async function chaos(wanted: readonly Order[]): Promise<void> {
  if (wanted.some(({ source }) => source !== 'sqlite') && !hasRedisServer()) {
    console.error(
      'there is no redis-server here (apt-get install redis-server); without: npm run chaos -- --source sqlite',
    );
    process.exitCode = 2;
    return;
  }
  const runs = wanted.filter(({ source }) => source !== 'sqlite' || hasSqlite);
  const leftOut = runs.length < wanted.length ? [`sqlite is left out: Node ${process.version} has no node:sqlite`] : [];
  if (runs.length === 0) {
    console.error(leftOut.join('\n'));
    process.exitCode = 2;
    return;
  }
  const reports: Report[] = [];
  // One after the other: they are not to take each other's time.
  for (const [index, order] of runs.entries()) {
    const report = await runChaos(order);
    reports.push(report);
    const broken = brokenOf(report);
    const line = `[${index + 1}/${runs.length}] ${order.fault}, ${order.source}: ${report.lost} lost ${broken.join('; ')}`;
    showProgress(line, broken.length > 0, index + 1 === runs.length);
  }
  console.log(reportLines(reports, leftOut).join('\n'));
  if (reports.some((report) => brokenOf(report).length > 0)) process.exitCode = 1;
}
