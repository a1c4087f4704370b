import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const program = `
import { Queue, run } from 'offloop';
await run(async () => {
  process.stdout.write('waiting');
  await new Queue().get();
});
process.stdout.write(' over');
`;

test('a main that waits for nothing but a queue keeps the process alive until a signal stops it', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed === 'waiting') child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(printed).toBe('waiting over');
  expect(code).toBe(130);
});
