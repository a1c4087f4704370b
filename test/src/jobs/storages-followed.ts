import { currentTask } from 'offloop';

export { storages } from './storages.ts';

export async function nameAfterAwait(): Promise<string> {
  await null;
  return currentTask().name;
}
