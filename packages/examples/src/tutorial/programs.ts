/** One program of the tutorial. */
export interface Program {
  /** The row that it stands for, as `s20`. */
  readonly name: string;
  readonly file: string;
  readonly title: string;
  /** What it ends with when all is well: 0, or 130 where Ctrl-C is what it shows. */
  readonly exitCode: number;
}

const interrupted = 130;

export const programs: readonly Program[] = [
  program('s02-coroutine', 'Calling a job runs nothing'),
  program('s03-run-until-complete', 'Run a coroutine to its end'),
  program('s04-task', 'A task shows its state'),
  program('s05-task-is-a-future', 'A task is a future'),
  program('s06-callback', 'Callbacks of a future'),
  program('s07-result', 'The result of a future'),
  program('s08-await', 'Giving up control'),
  program('s09-parallel', 'Concurrent and parallel'),
  program('s10-concurrent', 'Three tasks on one loop'),
  program('s11-nested-wait', 'Nested coroutines: wait'),
  program('s12-gather', 'Nested coroutines: gather'),
  program('s13-return-gather', 'Return what was gathered'),
  program('s14-return-wait', 'Return what was waited for'),
  program('s15-as-completed', 'Results in the order in which they come'),
  program('s16-states', 'The states of a future'),
  program('s17-ctrl-c', 'Ctrl-C while tasks run', interrupted),
  program('s18-close', 'Close a loop with work on it', interrupted),
  program('s19-ctrl-c-nested', 'Ctrl-C with a nested main', interrupted),
  program('s20-call-soon-threadsafe', 'Blocking jobs on the loop of another thread'),
  program('s21-run-coroutine-threadsafe', 'Coroutines on the loop of another thread'),
  program('s22-master-worker', 'Master and worker with a queue'),
  program('s23-ctrl-c-worker', 'Ctrl-C ends the second thread', interrupted),
  program('s24-daemon', 'A daemon loop dies with the main thread'),
  program('s25-http-job', 'A job that calls a service'),
  program('s26-exceptions', 'Exceptions reach the main thread'),
  program('s27-brpop', 'A source that waits'),
  program('s28-consumers', 'Two consumers in one loop', interrupted),
  program('s29-sms-service', 'The service itself'),
];

/** The program that somebody means by `s20`, `S20` or `s2`. */
export function findProgram(wanted: string): Program | undefined {
  const name = wanted.toLowerCase().replace(/^s(\d)$/, 's0$1');
  return programs.find((each) => each.name === name);
}

function program(file: string, title: string, exitCode = 0): Program {
  return { name: file.slice(0, 3), file: `${file}.js`, title, exitCode };
}
