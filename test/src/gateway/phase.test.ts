import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createTask, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { makeMessages } from '../../../packages/examples/dist/gateway/message.js';
import { Phase } from '../../../packages/examples/dist/gateway/phase.js';

const plan = { mode: 'concurrent', consumers: 4, reportIn: 'loop' } as const;

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('cancelled, a phase cancels what is in flight, counts it as such, and takes no more messages', async () => {
  await using loop = new WorkerLoop();
  let requests = 0;
  let fourth!: () => void;
  const fourRequests = new Promise<void>((resolve) => (fourth = resolve));
  const silent = createServer(() => {
    if (++requests === 4) fourth();
  });
  const phase = new Phase(plan, { loop, service: await listening(silent), messages: makeMessages(10), batch: 5 });
  const running = createTask(() => phase.run());
  await Promise.race([fourRequests, running]);
  expect(phase.tally.inFlight).toBe(4);
  running.cancel();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(phase.tally).toMatchObject({ inFlight: 0, sent: 0, failed: 0, cancelled: 4, waiting: 6 });
  expect(requests).toBe(4);
  silent.closeAllConnections();
  silent.close();
});

test('when the service cannot be reached, every message fails and no alert is claimed', async () => {
  await using loop = new WorkerLoop();
  const gone = createServer();
  const service = await listening(gone);
  gone.close();
  await once(gone, 'close');
  const phase = new Phase(plan, { loop, service, messages: makeMessages(10), batch: 5 });
  await phase.run();
  expect(phase.tally).toMatchObject({ inFlight: 0, sent: 0, failed: 10, alerts: 0, cancelled: 0, waiting: 0 });
  expect(phase.reports.map(({ messages, sent }) => ({ messages, sent }))).toEqual([
    { messages: 5, sent: 0 },
    { messages: 5, sent: 0 },
  ]);
});

test('a loop that ends under it fails the phase instead of hanging or counting failures', async () => {
  const loop = new WorkerLoop({ onUnhandled: 'ignore' });
  const silent = createServer(() => void loop.close({ mode: 'terminate' }));
  const phase = new Phase(plan, { loop, service: await listening(silent), messages: makeMessages(10), batch: 5 });
  await expect(phase.run()).rejects.toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED' });
  expect(phase.tally).toMatchObject({ inFlight: 0, sent: 0, failed: 0 });
  silent.closeAllConnections();
  silent.close();
});
