// Rows 32 to 37, 46, 48 and 49 of what offloop survives: each in a process of its own.
import { describe, expect, test } from 'vitest';

import { runProgram } from './support.ts';

describe('row 32: a signal without our helper', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the process as Node does it', async (signal) => {
    const { signal: endedBy, ms } = await runProgram('signals', {
      args: ['bare', 'sleep'],
      signals: { ready: signal },
      mark: 'ready',
      withinMs: 2000,
    });
    expect(endedBy).toBe(signal);
    expect(ms).toBeLessThan(2000);
  });
});

describe('row 33: SIGTERM with run()', () => {
  test('main and its jobs are cancelled, finally blocks run, and the exit code tells the signal', async () => {
    const { code, stdout, ms } = await runProgram('signals', {
      args: ['cancel', 'sleep'],
      signals: { ready: 'SIGTERM' },
      mark: 'ready',
      withinMs: 2000,
    });
    expect(stdout).toBe('ready\nthe job was cancelled, finally ran\nmain gave undefined\nlisteners left: 0\n');
    expect(code).toBe(143);
    expect(ms).toBeLessThan(2000);
  });

  test('with onSignal drain, main finishes what it has; then the loop has its grace', async () => {
    const { code, stdout, ms } = await runProgram('signals', {
      args: ['drain', 'sleep'],
      signals: { ready: 'SIGTERM' },
      mark: 'ready',
      withinMs: 3000,
    });
    expect(stdout).toBe(
      'ready\ndrained\nthe job was cancelled, finally ran after its grace\nmain gave drained\nlisteners left: 0\n',
    );
    expect(code).toBe(143);
    expect(ms).toBeLessThan(3000);
  });

  test.each(['spin', 'stubborn'])('a job that resists (%s) is terminated within a second', async (work) => {
    const { code, stdout, ms } = await runProgram('signals', {
      args: ['cancel', work],
      signals: { ready: 'SIGTERM' },
      mark: 'ready',
      withinMs: 4000,
    });
    expect(stdout).toContain('the job was lost');
    expect(code).toBe(143);
    expect(ms).toBeLessThan(4000);
  });

  test('a main that never ends is left behind within the grace and two seconds', async () => {
    const { code, ms } = await runProgram('signals', {
      args: ['slow-cleanup', 'spin'],
      signals: { ready: 'SIGTERM' },
      mark: 'ready',
      withinMs: 5000,
    });
    expect(code).toBe(143);
    expect(ms).toBeLessThan(5000);
  });
});

describe('row 34: a second SIGINT', () => {
  test('ends the loops at once and the process within a second', async () => {
    const { code, stdout, ms } = await runProgram('signals', {
      args: ['slow-cleanup', 'spin'],
      signals: { ready: 'SIGINT', stopping: 'SIGINT' },
      mark: 'stopping',
      withinMs: 1900,
    });
    expect(stdout).toContain('stopping\nthe job was lost\n');
    expect(code).toBe(130);
    expect(ms).toBeLessThan(1900);
  });
});

describe('row 35 and promise 6: main ends and only daemon loops are left', () => {
  test.each(['idle', 'ticking', 'working', 'callback', 'starting', 'many starting', 'unref'])(
    'the process exits at once with code 0: %s',
    async (what) => {
      const { code, stdout, stderr, ms } = await runProgram('daemon', {
        args: [what],
        mark: 'main ends',
        withinMs: 2000,
      });
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'main ends\n', stderr: '' });
      expect(ms).toBeLessThan(2000);
    },
  );
});

describe('row 36 and promise 6: a daemon loop with a future that is awaited', () => {
  test('the process stays until it settles, and no longer', async () => {
    const { code, stdout, ms } = await runProgram('daemon', { args: ['awaited'], mark: 'main ends', withinMs: 1400 });
    expect(stdout).toBe('main ends\nslept 400\n');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1400);
  });

  test('a stream that is being iterated holds it, too', async () => {
    const { code, stdout } = await runProgram('daemon', { args: ['stream'] });
    expect(stdout).toBe('main ends\nitem 1\nitem 2\nitem 3\n');
    expect(code).toBe(0);
  });

  test('ref() makes it hold the process, unref() lets go', async () => {
    const { code, stdout, ms } = await runProgram('daemon', { args: ['ref'], mark: 'main ends', withinMs: 1300 });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'main ends\nlet go\n' });
    expect(ms).toBeLessThan(1300);
  });
});

describe('row 37: the main loop is blocked for a second', () => {
  test('the jobs go on meanwhile, and every result, item and error arrives, in order', async () => {
    const { code, stdout } = await runProgram('main-blocked');
    expect(JSON.parse(stdout)).toEqual({ during: 1000, inOrder: true, items: 500, failure: 'meanwhile', slept: 100 });
    expect(code).toBe(0);
  });
});

describe('row 46: a polluted Object.prototype', () => {
  test('has no influence on the thread, on calls or on close', async () => {
    const { code, stdout, stderr } = await runProgram('polluted');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ sum: 2, execArgv: [], data: null, inThread: [], slept: 20, last: 30 });
    expect(code).toBe(0);
  });
});

describe('row 48: execArgv of the user', () => {
  test('is appended to the options of the process, never replaces them', async () => {
    const { stdout } = await runProgram('exec-argv', { execArgv: ['--no-deprecation'] });
    const [plain, more] = JSON.parse(stdout) as [string[], string[]];
    expect(plain).toEqual(['--no-deprecation']);
    expect(more).toEqual(['--no-deprecation', '--no-warnings']);
  });

  // Once: "Initiated Worker with invalid execArgv flags", for every program that was started with a flag of V8.
  test('goes with options of the process that Node refuses for a thread: they are left out, the others stay', async () => {
    const execArgv = ['--max-old-space-size=300', '--no-deprecation', '--title=mine'];
    const { stdout, code } = await runProgram('exec-argv', { execArgv });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[1]).toEqual(['--no-deprecation', '--no-warnings']);
  });
});

describe('row 49: an output flood from a thread', () => {
  test.each([
    ['the default loop', 'default', 20_000],
    // Twenty-five megabytes: the thread needs most of a second to hand them over.
    ['the same with a real flood', 'default', 300_000],
    ['a daemon loop', 'daemon', 20_000],
    ['a loop that is closed', 'close', 20_000],
  ])('%s: what was printed before the last result is not lost, and nothing hangs', async (_what, how, lines) => {
    const { code, stdout, stderr } = await runProgram('output', { args: [how, String(lines)] });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.split('\n').length - 1).toBe(lines);
    expect(stdout.endsWith(` ${lines}\n`)).toBe(true);
  });

  test('a loop that is terminated in the middle of it does not hang', async () => {
    const { code } = await runProgram('output', { args: ['terminate', '20000'] });
    expect(code).toBe(0);
  });
});

describe('the default executor', () => {
  test('await of a coroutine alone runs it in a thread, and the process ends by itself', async () => {
    const { code, stdout, ms } = await runProgram('default-executor', { mark: '6765', withinMs: 1000 });
    expect(stdout).toBe('6765\n');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1000);
  });
});

describe('promise 6: an idle loop', () => {
  test('burns no CPU: three idle loops use less than 1 % of a core over five seconds', async () => {
    const { code, stdout } = await runProgram('idle');
    expect(code).toBe(0);
    expect(Number(stdout)).toBeLessThan(0.01);
    expect(Number(stdout)).toBeGreaterThan(0);
  });
});
