import { ThreadWorker } from 'poolifier';

import * as jobs from '../jobs.ts';

type Task = (data?: unknown) => unknown;

const worker: ThreadWorker = new ThreadWorker({
  inc: jobs.inc as Task,
  echo: jobs.echo,
  fail: jobs.fail as Task,
  fib: jobs.fib as Task,
  rest: jobs.rest as (data?: unknown) => Promise<unknown>,
});

export default worker;
