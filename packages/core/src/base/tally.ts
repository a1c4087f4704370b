/** Most names that a message lists. */
const most = 10;

/** Names for a message, each once and with how often it comes, in the order of their first: `fib (3 times), sum`. */
export function tally(names: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const told = [...counts].slice(0, most).map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`));
  const rest = counts.size - told.length;
  return rest === 0 ? told.join(', ') : `${told.join(', ')} and ${rest} more`;
}
