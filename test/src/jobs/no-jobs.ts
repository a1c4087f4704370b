// Exports nothing that runs.
export const settings = { a: 1 };
