import { InvalidArgumentError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import type { JobName } from '../link/call-request.ts';

const jobOf = new WeakMap<object, JobName>();

/** Remember which job a reference stands for. */
export function nameReference(reference: object, job: JobName): void {
  jobOf.set(reference, job);
}

/** The job behind a reference; undefined for anything else. */
export function jobOfReference(value: unknown): JobName | undefined {
  return typeof value === 'function' ? jobOf.get(value) : undefined;
}

/** The same for the `what` of a user, who is told what else it should have been. */
export function mustBeReference(what: string, value: unknown): JobName {
  const job = jobOfReference(value);
  if (job !== undefined) return job;
  throw new InvalidArgumentError(
    `${what} takes a job reference and its arguments, as in ${what}(jobs.fib, 30); got ${shown(value)}. A function of this thread cannot travel to another: export it from a job module`,
  );
}
