// It ends its thread while it loads.
export function never(): void {}

process.exit(3);
