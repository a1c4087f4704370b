import { parentPort, type MessagePort } from 'node:worker_threads';

import { expose, type Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';

import { functions } from '../functions.ts';

const endpoint = nodeEndpoint as unknown as (port: MessagePort) => Endpoint;

if (parentPort !== null) expose({ ...functions }, endpoint(parentPort));
