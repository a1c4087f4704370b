/*
 * The numbers of the dispatch, in microseconds of synchronous time unless said otherwise. Two costs were measured and
 * everything follows from them: waking a parked thread takes 30 to 50 µs on a virtual machine, and a call and its reply
 * through a port about 70 µs.
 */

/** A job below this costs less than the wake of the loop that could share the work: such jobs are packed. */
export const tinyUs = 20;

/** A call waits behind so much committed work rather than wake another loop: about two wakes, so that waking pays. */
export const packUs = 100;

/**
 * Work committed to one loop: three round trips, so that a loop does not run dry while its replies travel, and little
 * enough that what waits is balanced, and cancelled, on the caller's side.
 */
export const windowUs = 200;

/** Calls committed to one loop, however short: what a caller may have to take back or report when a loop crashes. */
export const maxCommitted = 4096;

/**
 * A job from here on is long: the round trip between two such jobs is less than a tenth of them, so nothing has to be
 * committed behind one, and nothing may, since it would wait there while another loop gets free.
 */
export const longUs = 1000;

/**
 * What a job that was never measured is taken for, and what any runs after it has awaited: spreading short jobs costs a few
 * wakes, packing long ones a core.
 */
export const unknownUs: number = longUs;

/** Kinds of job whose service time is remembered. Beyond that, those not seen for longest are measured anew. */
export const maxKinds = 1024;
