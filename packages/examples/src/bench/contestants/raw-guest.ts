import { parentPort } from 'node:worker_threads';

import * as jobs from '../jobs.ts';
import type { Reply, Request } from './raw.ts';

const functions: Readonly<Record<string, (arg: never) => unknown>> = jobs;

parentPort?.on('message', ([id, job, arg]: Request) => {
  const result = functions[job]?.(arg as never);
  if (result instanceof Promise) {
    void result.then((late: unknown) => reply(id, late));
    return;
  }
  reply(id, result);
});

/** `touch` is what moves its result. */
function reply(id: number, result: unknown): void {
  const message: Reply = [id, result];
  parentPort?.postMessage(message, result instanceof ArrayBuffer ? [result] : undefined);
}
