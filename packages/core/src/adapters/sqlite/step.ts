import type { Tables } from './file.ts';
import type { Answer, Op } from './wire.ts';

/**
 * Do one step, in a transaction that others may share; gives its answer, and how many messages there are more than before.
 * `growth` is what those before it have given, and is not in the file yet.
 */
export function doStep(
  { messages, leases }: Tables,
  op: Op,
  limit: number,
  growth: number,
  now: number,
): { answer: Answer; growth: number } {
  switch (op[0]) {
    case 'put': {
      const [, ids, data] = op;
      if (limit !== Infinity && messages.size + growth + ids.length > limit) return { answer: false, growth: 0 };
      for (const [index, id] of ids.entries()) messages.put(id, data[index] as string, now);
      return { answer: true, growth: ids.length };
    }
    case 'acknowledge':
      return gone(messages.acknowledge(op[1], op[2]));
    case 'bury':
      return gone(messages.bury(op[1], op[2], op[3], op[4], op[5], now));
    case 'retry':
      return { answer: messages.retry(op[1], op[2], op[3], now), growth: 0 };
    case 'giveBack':
      return { answer: messages.giveBack(op[1], op[2]), growth: 0 };
    case 'extend':
      // The lease begins anew.
      return { answer: messages.isHeld(op[1], op[2]) && leases.beat(op[2]), growth: 0 };
    default: {
      const count = messages.requeue(op[1], now);
      return { answer: count, growth: count };
    }
  }
}

function gone(answer: boolean): { answer: boolean; growth: number } {
  return { answer, growth: answer ? -1 : 0 };
}

/** The step ends that its message is held, whatever its answer. */
export function endsHold(op: Op): op is Exclude<Op, readonly ['put' | 'extend' | 'requeue', ...unknown[]]> {
  return op[0] !== 'put' && op[0] !== 'extend' && op[0] !== 'requeue';
}
