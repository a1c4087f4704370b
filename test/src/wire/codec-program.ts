// Run as a process of its own: sends values with shapes until they would be compiled, and says whether they arrived.
import { isDeepStrictEqual } from 'node:util';

const internals = new URL('../../../packages/core/build/wire/', import.meta.url);
const load = <M>(name: string): Promise<M> => import(new URL(name, internals).href) as Promise<M>;
const { Memory } = await load<typeof import('offloop-internal/wire/memory.js')>('memory.js');
const { ValueReader } = await load<typeof import('offloop-internal/wire/value-reader.js')>('value-reader.js');
const { ValueWriter } = await load<typeof import('offloop-internal/wire/value-writer.js')>('value-writer.js');

function canGenerate(): boolean {
  try {
    return typeof Reflect.construct(Function, ['return true']) === 'function';
  } catch {
    return false;
  }
}

const memory = new Memory(new SharedArrayBuffer(4096));
const writer = new ValueWriter();
const reader = new ValueReader();
let same = true;
for (let time = 0; time < 50; time++) {
  const value = { a: time, b: [{ c: 'text', toString: 1 }], 1: 0.5, d: { constructor: null } };
  writer.begin();
  same &&= writer.write(memory, value, 0, 1024) > 0 && isDeepStrictEqual(reader.read(memory, 0), value);
}
console.log(`code generation: ${canGenerate()}, same: ${same}`);
