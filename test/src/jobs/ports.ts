// How many ports a thread has, of those that came or were made after the first question.
import { createHook } from 'node:async_hooks';

const live = new Set<number>();
createHook({
  init: (id, type) => void (type === 'MESSAGEPORT' && live.add(id)),
  destroy: (id) => void live.delete(id),
}).enable();

export function countPorts(): number {
  return live.size;
}
