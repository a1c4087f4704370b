import { allTasks } from '../asyncio/task.ts';
import type { TaskInfo } from '../wire/frames.ts';
import type { JobTask } from './job-task.ts';

/** The jobs of this thread that have a task and have not settled, by their slots. */
export class RunningJobs {
  readonly #tasks: (JobTask | undefined)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(task: JobTask): void {
    this.#tasks[task.slot] = task;
    this.#count++;
  }

  remove(task: JobTask): void {
    if (this.#tasks[task.slot] === task) this.#tasks[task.slot] = undefined;
    this.#count--;
  }

  list(): JobTask[] {
    return this.#tasks.filter((task) => task !== undefined);
  }

  find(slot: number, id: number): JobTask | undefined {
    const task = this.#tasks[slot];
    return task?.id === id ? task : undefined;
  }
}

/** All tasks of this thread, for a listing. */
export function listTasks(): TaskInfo[] {
  return [...allTasks()].map((task) => ({
    name: task.name,
    job: task.label,
    state: task.state as 'pending' | 'running' | 'cancelling',
  }));
}
