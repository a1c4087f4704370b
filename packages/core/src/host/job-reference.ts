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
