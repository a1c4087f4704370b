// Every code that offloop's own errors carry, with what it means. The README's and the errors' wording starts here.

/** Code → meaning. A code never changes its meaning; messages may improve. */
export const errorCodes = {
  ABORT_ERR: 'the work was cancelled; named as in Node and the web, so that existing checks keep working',
  OFFLOOP_INVALID_ARGUMENT: 'an argument or option has the wrong type or value; nothing was scheduled',
  OFFLOOP_INVALID_STATE: 'the call does not fit the state of the object, for example result() of an unfinished future',
  OFFLOOP_WAIT_CYCLE: 'resultSync() in threads that wait for each other: one of them, always the same, gives in',
  OFFLOOP_COROUTINE_REUSED: 'a coroutine is one call and was already scheduled once',
  OFFLOOP_TIMEOUT: 'the time given was over before the work was',
  OFFLOOP_JOB_THREW: 'a job threw something that is not an Error; it is the cause',
  OFFLOOP_UNKNOWN_JOB: 'the job module has no exported function of that name',
  OFFLOOP_MODULE_LOAD: 'the job module could not be found, parsed or evaluated',
  OFFLOOP_NOT_CLONEABLE: 'a value cannot be sent to another thread; the message names the path of the culprit',
  OFFLOOP_CARRY: 'what should travel with a call (carry) could not be got, or was not put in place around the job',
  OFFLOOP_NOT_A_STREAM: 'for await over a job that is not an async generator',
  OFFLOOP_IS_A_STREAM: 'await on an async generator job, which wants for await',
  OFFLOOP_QUEUE_FULL: 'a bounded queue has no room',
  OFFLOOP_QUEUE_EMPTY: 'getNowait() on a queue that holds nothing',
  OFFLOOP_QUEUE_SHUT_DOWN: 'the queue takes nothing more and, for get(), holds nothing more',
  OFFLOOP_LOOP_CLOSED: 'the loop is closing or closed and takes no more work, or dropped this work when it closed',
  OFFLOOP_LOOP_START: 'the thread did not become ready: its setup failed or it ended first',
  OFFLOOP_LOOP_CRASHED: 'the thread ended under its jobs: process.exit, out of memory, or terminated from outside',
  OFFLOOP_TOO_MANY_THREADS: 'one thread more would be above the budget of the process (OFFLOOP_MAX_THREADS)',
  OFFLOOP_POOL_BROKEN:
    'the loops of a pool ended, or its threads were lost, more often than its restart policy allows, or none is left',
  OFFLOOP_NOT_INSPECTABLE: 'a thread cannot be looked into: no inspector, or the thread does not answer',
  OFFLOOP_DROPPED: 'the job said that this message will never work: it goes to the dead letters',
  OFFLOOP_LEASE_LOST: 'a message was not renewed in time and may be with another consumer by now',
  OFFLOOP_MALFORMED_MESSAGE: 'what lies in the queue cannot be read as a message',
  OFFLOOP_POISON_MESSAGE: 'whoever took the message never told how it ended, as often as it may be tried',
  OFFLOOP_SQLITE_MISSING: 'this Node.js has no node:sqlite; the message names the ways out',
  OFFLOOP_SQLITE_QUEUE: 'the file of a SQLite queue cannot be read or written; the cause is what SQLite said',
  OFFLOOP_REDIS_LIST: 'Redis cannot be reached, or refuses what a list asks for; the cause is what ioredis said',
  OFFLOOP_CLOSE_TIMEOUT: 'work resisted close() until its deadline and was ended with the thread',
} as const;

export type ErrorCode = keyof typeof errorCodes;
