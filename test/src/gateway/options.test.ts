import { expect, test } from 'vitest';

import { readOptions } from '../../../packages/examples/dist/gateway/options.js';
import { Program } from './program.js';

test('without options it runs with the defaults', () => {
  expect(readOptions([])).toEqual({ messages: 300, seconds: 0.01, concurrency: 32, batch: 50 });
});

test('options are read, with a space or an equals sign; the last one counts', () => {
  expect(readOptions(['--messages', '50', '--seconds=0.2', '--concurrency', '8', '--batch=10'])).toEqual({
    messages: 50,
    seconds: 0.2,
    concurrency: 8,
    batch: 10,
  });
  expect(readOptions(['--messages', '1', '--messages', '2'])?.messages).toBe(2);
  expect(readOptions(['--seconds', '.5'])?.seconds).toBe(0.5);
  expect(readOptions(['--seconds', '0'])?.seconds).toBe(0);
});

test.each([
  [['--messages', '0'], "option --messages must be a whole number from 1 to 100000; got '0'"],
  [['--messages', '1.5'], "option --messages must be a whole number from 1 to 100000; got '1.5'"],
  [['--messages', '-5'], "option --messages must be a whole number from 1 to 100000; got '-5'"],
  [['--messages='], "option --messages must be a whole number from 1 to 100000; got ''"],
  [['--concurrency', 'many'], "option --concurrency must be a whole number from 1 to 1000; got 'many'"],
  [['--batch', '1e3'], "option --batch must be a whole number from 1 to 100000; got '1e3'"],
  [['--seconds', '-1'], "option --seconds must be a number from 0 to 60; got '-1'"],
  [['--seconds', 'Infinity'], "option --seconds must be a number from 0 to 60; got 'Infinity'"],
  [['--seconds'], 'option --seconds must be a number from 0 to 60; got nothing'],
  [
    ['--message', '5'],
    "unknown option '--message'; valid are --messages, --seconds, --concurrency, --batch and --help",
  ],
  [['-x'], "unknown option '-x'; valid are --messages, --seconds, --concurrency, --batch and --help"],
  [['50'], "unexpected argument '50'; options are given as in: npm start -- --messages 50 --seconds 0.2"],
])('%j is refused with a message that says what is wrong', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('a bad option ends the program with exit code 2 and the message on stderr', async () => {
  const { code, stdout, stderr } = await new Program('--messages', 'x').ended();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("option --messages must be a whole number from 1 to 100000; got 'x'");
});

test('--help prints the usage, whatever else is given, with exit code 0', async () => {
  const { code, stdout, stderr } = await new Program('--messages', '5', '--help').ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of ['--messages', '--seconds', '--concurrency', '--batch', '--help']) expect(stdout).toContain(name);
});
