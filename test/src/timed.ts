/**
 * For tests that look at how long something took: a machine that stalls now and then only makes it slower, so one run of three
 * within the bound proves it. Not for a test whose outcome could differ for another reason.
 */
export const timed = { retry: 2 } as const;
