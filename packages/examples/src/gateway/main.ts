// The project's main job, started by `npm start`: an SMS gateway whose main loop hands every message to a second loop.
//
//   main      takes messages from the queue, hands them over, shows what happens; its loop's delay is measured
//   gateway   the second loop: sends many messages at a time, and makes the reports (a CPU-bound job)
//   service   a third one: the HTTP service that messages are sent through
//
// Alone it measures, with messages of its own (gateway.ts); with REDIS_URL, or a file, it serves a queue (serve.ts).
import { OffloopError, run } from 'offloop';

import { runGateway } from './gateway.ts';
import { UsageError } from './option-values.ts';
import { readCommand, usage, type Command, type ServeOptions } from './options.ts';
import { Screen } from './screen.ts';
import { serveQueue } from './serve.ts';

// Nobody reads on (`| head -1`): that is a reason to end, and none to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const signals = ['SIGINT', 'SIGTERM'] as const;
const screen = new Screen(process.stdout);
const command = commandOrExit();
if (command?.kind === 'help') console.log(usage);
else if (command?.kind === 'measure') await run((signal) => runGateway(command.options, screen, signal), { signals });
else if (command?.kind === 'serve') await serve(command.options);

function commandOrExit(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2), process.env['REDIS_URL']);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nTry: npm start -- --help`);
    process.exitCode = 2;
    return undefined;
  }
}

async function serve(options: ServeOptions): Promise<void> {
  try {
    // The consumer has its own time to drain; run's only steps in when that has not sufficed.
    const graceMs = options.grace * 1000 + 2000;
    await run((signal) => serveQueue(options, screen, signal), { signals, onSignal: 'drain', graceMs });
  } catch (error) {
    if (!(error instanceof OffloopError)) throw error;
    // As when this Node has no SQLite, or the file is none of ours.
    console.error(error.message);
    process.exitCode = 1;
  }
}
