import workerpool from 'workerpool';

import * as jobs from '../jobs.ts';

function moved(buffer: ArrayBuffer): unknown {
  return new workerpool.Transfer(jobs.touch(buffer), [buffer]);
}

workerpool.worker({ ...jobs, moved });
