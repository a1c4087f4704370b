// Errors that reach the process would fail the test run; these take the place of its listeners for one error.

function takeOver(event: 'uncaughtException' | 'unhandledRejection'): Promise<unknown> {
  const listeners = process.listeners(event as 'uncaughtException');
  process.removeAllListeners(event);
  return new Promise((resolve) => {
    process.once(event as 'uncaughtException', (error: unknown) => {
      for (const each of listeners) process.on(event as 'uncaughtException', each);
      resolve(error);
    });
  });
}

/** The next uncaught exception of this process. */
export function thrownUncaught(): Promise<unknown> {
  return takeOver('uncaughtException');
}

/** The next unhandled rejection of this process. */
export function unhandled(): Promise<unknown> {
  return takeOver('unhandledRejection');
}

/** After everything that is due in this turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
