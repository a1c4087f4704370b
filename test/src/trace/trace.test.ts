import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { LoopPool } from 'offloop';
import { expect, test } from 'vitest';

import { openService, openStore } from '../../../packages/examples/dist/trace/servers.js';
import { parse } from '../../../packages/examples/dist/trace/traceparent.js';

const main = fileURLToPath(new URL('../../../packages/examples/dist/trace/main.js', import.meta.url));

test('the trace id of an HTTP request arrives in the job, in what the job sends on, and in the error report', async () => {
  await using pool = new LoopPool({ size: 2 });
  const reports: unknown[] = [];
  pool.on('error', (_error, { carried }) => reports.push(parse(carried?.['traceparent'] as string)?.traceId));
  await using store = await openStore();
  await using service = await openService(pool, store.url);
  const ids = Array.from({ length: 20 }, (_, i) => (i + 1).toString(16).padStart(32, 'a'));
  const answers = await Promise.all(
    ids.map(async (id) => {
      const headers = { traceparent: `00-${id}-00f067aa0ba902b7-01` };
      return (await fetch(service.url, { method: 'POST', body: id, headers })).json();
    }),
  );
  expect(answers).toMatchObject(ids.map((id) => ({ inJob: id, atStore: id })));
  await pool.close();
  expect(reports).toHaveLength(20);
  expect(new Set(reports)).toEqual(new Set(ids));
});

test('a request without a trace, or with a broken one, begins one of its own', async () => {
  await using pool = new LoopPool({ size: 1, onUnhandled: 'ignore' });
  await using store = await openStore();
  await using service = await openService(pool, store.url);
  const traces = new Set<string>();
  for (const headers of [{}, { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' }]) {
    const response = await fetch(service.url, { method: 'POST', body: 'x', headers });
    const { inJob, atStore } = (await response.json()) as { inJob: string; atStore: string };
    expect(inJob).toMatch(/^[0-9a-f]{32}$/);
    expect(atStore).toBe(inJob);
    traces.add(inJob);
  }
  expect(traces.size).toBe(2);
});

test('a traceparent is read as the specification has it', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const span = '00f067aa0ba902b7';
  expect(parse(`00-${trace}-${span}-01`)).toEqual({ traceId: trace, spanId: span, flags: '01' });
  expect(parse(`cc-${trace}-${span}-01-what the future brings`)).toEqual({ traceId: trace, spanId: span, flags: '01' });
  for (const bad of [
    undefined,
    '',
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${span}`,
    `cc-${trace}-${span}-01.more`,
  ])
    expect(parse(bad)).toBeUndefined();
});

test('the program shows it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line.endsWith(': the same in the job and at the store'))).toHaveLength(4);
  expect(lines.at(-1)).toBe('each error was told in its trace');
});
