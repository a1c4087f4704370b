import { Worker, type Job, type JobJson } from 'bullmq';

export interface Unreadable {
  readonly raw: string;
  readonly error: unknown;
}

/** BullMQ's Worker, which also gets jobs whose data is no JSON: there they would be stuck, and stall for ever. */
export class ReadingWorker<T> extends Worker<T> {
  /** The jobs among those that it gives whose data cannot be read. */
  readonly unreadable: WeakMap<Job, Unreadable> = new WeakMap();

  protected override createJob(json: JobJson, id: string): Job<T> {
    try {
      return super.createJob(json, id);
    } catch (error) {
      const job = super.createJob({ ...json, data: '{}' }, id);
      this.unreadable.set(job, { raw: json.data, error });
      return job;
    }
  }
}
