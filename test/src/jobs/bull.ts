// Jobs whose arguments come out of BullMQ, as JSON.
import { Drop } from 'offloop';
import { UnrecoverableError } from 'bullmq';

export function failAs(name: string): never {
  const message = `failed as ${name}`;
  if (name === 'Drop') throw new Drop(message);
  if (name === 'UnrecoverableError') throw new UnrecoverableError(message);
  throw new RangeError(message);
}
