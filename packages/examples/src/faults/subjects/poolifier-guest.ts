import { ThreadWorker } from 'poolifier';

import { functions } from '../functions.ts';

const worker: ThreadWorker = new ThreadWorker({ ...functions });

export default worker;
