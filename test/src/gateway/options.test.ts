import { expect, test } from 'vitest';

import { readCommand, type Options } from '../../../packages/examples/dist/gateway/options.js';
import { Program } from './program.js';

const url = 'redis://127.0.0.1:6379';

function readOptions(args: readonly string[]): Options | undefined {
  const command = readCommand(args, undefined);
  return command.kind === 'measure' ? command.options : undefined;
}

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
    "unknown option '--message'; valid are --messages, --batch, --seconds, --concurrency, --attempts, --backoff, --timeout, --grace, --lease, --engine, --key, --file, --service and --help",
  ],
  [['-x'], "unknown option '-x'; valid are --messages, --batch,"],
  [['50'], "unexpected argument '50'; options are given as in: npm start -- --messages 50 --seconds 0.2"],
  [['--key', 'sms'], 'option --key is for who serves a queue: say which, with REDIS_URL=redis://127.0.0.1:6379 or'],
  [
    ['--engine', 'list'],
    '--engine list takes from a Redis: say which, as in REDIS_URL=redis://127.0.0.1:6379 npm start',
  ],
  [
    ['--engine=bullmq'],
    '--engine bullmq takes from a Redis: say which, as in REDIS_URL=redis://127.0.0.1:6379 npm start',
  ],
  [['--engine', 'kafka'], "option --engine must be one of list, bullmq, sqlite; got 'kafka'"],
  [['--engine'], 'option --engine must be one of list, bullmq, sqlite; got nothing'],
  [['--engine', 'sqlite', '--key', 'sms'], 'option --key is for a Redis; --engine sqlite has --file'],
  [['--engine', 'sqlite', '--file='], "option --file must have a value; got ''"],
  [['--engine', 'sqlite', '--batch', '5'], 'option --batch is for the measurement, which runs without REDIS_URL and'],
])('%j is refused with a message that says what is wrong', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('with REDIS_URL it serves the list there, with a file the queue in it', () => {
  const standard = {
    service: undefined,
    seconds: 0.01,
    concurrency: 32,
    attempts: 3,
    backoff: 1,
    timeout: 90,
    grace: 30,
    lease: 10,
  };
  expect(readCommand([], url)).toEqual({
    kind: 'serve',
    options: { ...standard, queue: { engine: 'list', url, key: 'queue' } },
  });
  const args = ['--engine', 'bullmq', '--key=sms', '--service', 'http://127.0.0.1:5000/', '--grace', '0.5'];
  expect(readCommand(args, 'rediss://me:secret@redis.example:6380/2')).toEqual({
    kind: 'serve',
    options: {
      ...standard,
      queue: { engine: 'bullmq', url: 'rediss://me:secret@redis.example:6380/2', key: 'sms' },
      service: 'http://127.0.0.1:5000',
      grace: 0.5,
    },
  });
  expect(readCommand(['--engine', 'sqlite'], '')).toMatchObject({
    kind: 'serve',
    options: { queue: { engine: 'sqlite', file: 'queue.db' } },
  });
});

test.each([
  [['--messages', '5'], url, 'option --messages is for the measurement, which runs without REDIS_URL and --engine'],
  [['--file', 'q.db'], url, 'option --file is for --engine sqlite; a Redis has --key'],
  [['--key='], url, "option --key must have a value; got ''"],
  [
    ['--engine', 'bullmq', '--key', 'a:b'],
    url,
    "must have no colon with --engine bullmq, whose queues have none; got 'a:b'",
  ],
  [['--service', 'sms'], url, "option --service must be a URL, as http://127.0.0.1:5000; got 'sms'"],
  [[], 'localhost:6379', "REDIS_URL must be a URL, as redis://127.0.0.1:6379; got 'localhost:6379'"],
  [[], 'redis://', "REDIS_URL must be a URL, as redis://127.0.0.1:6379; got 'redis://'"],
  [[], 'http://127.0.0.1', "REDIS_URL must be a URL, as redis://127.0.0.1:6379; got 'http://127.0.0.1'"],
])('%j is refused with REDIS_URL=%s', (args, redisUrl, message) => {
  expect(() => readCommand(args, redisUrl)).toThrow(message);
});

test('a bad REDIS_URL ends the program with exit code 2 and the message on stderr', async () => {
  const { code, stdout, stderr } = await new Program({ REDIS_URL: 'nonsense' }).ended();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("REDIS_URL must be a URL, as redis://127.0.0.1:6379; got 'nonsense'");
});

test('a bad option ends the program with exit code 2 and the message on stderr', async () => {
  const { code, stdout, stderr } = await new Program('--messages', 'x').ended();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("option --messages must be a whole number from 1 to 100000; got 'x'");
});

test('--help prints the usage, whatever else is given, with exit code 0', async () => {
  const { code, stdout, stderr } = await new Program('--messages', '5', '--help').ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of ['--messages', '--seconds', '--concurrency', '--batch', '--engine', '--key', '--help'])
    expect(stdout).toContain(name);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});
