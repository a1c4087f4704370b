/**
 * For tests that look at how long something took, or at the order of what a program does at different times, or that want a job
 * broken off, for which its thread has 300 ms: a machine that stalls now and then only makes it slower, so one run of three as it should
 * be proves it. Not for a test whose outcome could differ for another reason: that one waits for what it is about.
 */
export const timed = { retry: 2 } as const;
