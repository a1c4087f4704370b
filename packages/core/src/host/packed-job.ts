import { pack } from '../wire/values.ts';
import { takeCoroutine, type Coroutine } from './coroutine.ts';
import type { PackedJob } from './thread.ts';

/** The coroutine of option `setup` or `teardown`, ready to be sent. */
export function packedJob(option: string, coroutine: Coroutine<unknown> | undefined): PackedJob | undefined {
  if (coroutine === undefined) return undefined;
  const { job, args } = takeCoroutine(`option ${option} of WorkerLoop`, coroutine);
  const { values, transfer } = pack(args);
  return { job: { url: job.url, name: job.name, args: values }, transfer };
}
