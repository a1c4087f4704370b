import { parentPort, type MessagePort } from 'node:worker_threads';

import { expose, transfer, type Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';

import * as jobs from '../jobs.ts';

const endpoint = nodeEndpoint as unknown as (port: MessagePort) => Endpoint;

function moved(buffer: ArrayBuffer): ArrayBuffer {
  return transfer(jobs.touch(buffer), [buffer]);
}

if (parentPort !== null) expose({ ...jobs, moved }, endpoint(parentPort));
