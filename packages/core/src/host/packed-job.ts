import { intrinsics } from '../base/intrinsics.ts';
import { pack } from '../wire/values.ts';
import { takeCoroutine, type Coroutine } from './coroutine.ts';
import type { PackedJob } from './luggage.ts';

/** The coroutine of option `setup` or `teardown`, ready to be sent. */
export function packedJob(option: string, coroutine: Coroutine<unknown> | undefined): PackedJob | undefined {
  if (coroutine === undefined) return undefined;
  const { job, args } = takeCoroutine(`option ${option} of WorkerLoop`, coroutine);
  const { values, transfer } = pack(args);
  return { job: { url: job.url, name: job.name, args: transfer.length > 0 ? values : copied(values) }, transfer };
}

/** Setup and teardown travel in one message: an object that both are given must not become one there. */
function copied(values: readonly unknown[]): readonly unknown[] {
  try {
    return intrinsics.structuredClone(values);
  } catch {
    // It is refused where it is sent, with the place of the culprit.
    return values;
  }
}
