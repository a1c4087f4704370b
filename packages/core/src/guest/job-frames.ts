type CallSite = NodeJS.CallSite;

/** More frames than an error shows by itself: a stuck job may be deep. */
const shownFrames = 50;

/** Where this library lies: a folder of files, or a bundle. */
const ownFolder = new URL('.', import.meta.url).href;

/** What calls a job: guarded tasks, and jobs that have none. */
const callers: ReadonlySet<string | null> = new Set(['guarded', 'runAlone']);

/** What the job that has the thread is in the middle of. */
export interface JobFrames {
  /** Where it is: its innermost frames, as an error shows them. */
  readonly stack: string;
  /** Nothing but what is the job's own would be left half done if the thread's JavaScript were stopped now. */
  readonly mayBreak: boolean;
  /** It is inside of an AsyncLocalStorage's `run`, which would not put back the context from before. */
  readonly isInContext: boolean;
}

/**
 * Look at the job that the caller of this runs on top of. Node's own functions must not be stopped in the middle: a timer
 * that is half armed stops all timers of the thread, and inside of `runInAsyncScope` the whole process aborts. Nor must ours.
 */
export function jobFrames(): JobFrames {
  const sites = callSites();
  // Above the job lie the guard and the expression that has called it, below it what started it.
  const from = sites.findIndex((site) => !isOurs(site)) + 1;
  const to = sites.findLastIndex((site) => isOurs(site) && callers.has(site.getFunctionName()));
  const frames = sites.slice(from, Math.max(from, to));
  const last = frames.at(-1);
  // Of a service in one bundle nobody can tell what is ours.
  const isBundled = last === undefined || isOurs(last);
  const isInOurs = !isBundled && frames.some((site) => isOurs(site));
  const ofNode = frames.filter((site) => fileOf(site).startsWith('node:'));
  return {
    stack: stackLines()
      .slice(from, to < 0 ? from + shownFrames : Math.min(to, from + shownFrames))
      .join('\n'),
    mayBreak: to >= from && !isInOurs && ofNode.every(isHarmless),
    isInContext: ofNode.some(isStorageRun),
  };
}

/** Functions of Node's that call back and keep nothing half done meanwhile, but for a context that can be forgotten. */
function isHarmless(site: CallSite): boolean {
  return isStorageRun(site) || (site.getFunctionName() === 'emit' && fileOf(site) === 'node:events');
}

function isStorageRun(site: CallSite): boolean {
  return site.getFunctionName() === 'run' && /^node:(?:async_hooks|internal\/async_local_storage\/)/.test(fileOf(site));
}

function isOurs(site: CallSite): boolean {
  return fileOf(site).startsWith(ownFolder);
}

function fileOf(site: CallSite): string {
  return site.getFileName() ?? '';
}

/** All frames: one that is left out could be one that matters. */
function callSites(): readonly CallSite[] {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was, never called
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_error, sites) => sites;
  const sites = captured() as readonly CallSite[];
  Error.prepareStackTrace = prepareStackTrace;
  return sites;
}

function stackLines(): string[] {
  const stack = captured();
  return typeof stack === 'string' ? stack.split('\n').slice(1) : [];
}

function captured(): unknown {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Infinity;
  const here: { stack?: unknown } = {};
  Error.captureStackTrace(here, jobFrames);
  const { stack } = here;
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}
