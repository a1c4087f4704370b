// The project's main job, started by `npm start`: an SMS gateway whose main loop hands every message to a second loop.
//
//   main      takes messages from the queue, hands them over, shows what happens; its loop's delay is measured
//   gateway   the second loop: sends many messages at a time, and makes the reports (a CPU-bound job)
//   service   a third one: the HTTP service that messages are sent through
import { run } from 'offloop';

import { runGateway } from './gateway.ts';
import { readOptions, usage, UsageError, type Options } from './options.ts';
import { Screen } from './screen.ts';

// Nobody reads on (`| head -1`): that is a reason to end, and none to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const options = optionsOrExit();
if (options !== undefined)
  await run((signal) => runGateway(options, new Screen(process.stdout), signal), { signals: ['SIGINT', 'SIGTERM'] });

function optionsOrExit(): Options | undefined {
  try {
    const given = readOptions(process.argv.slice(2));
    if (given === undefined) console.log(usage);
    return given;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nTry: npm start -- --help`);
    process.exitCode = 2;
    return undefined;
  }
}
