// Deep equality that also sees what toEqual forgives: -0, holes, the order of keys, prototypes, shared parts and cycles.

/** Where two values differ, as a path; undefined when they do not. `alias`: a part that is the same object in both counts as a difference. */
export function difference(
  a: unknown,
  b: unknown,
  alias = false,
  path = 'value',
  met = new Map<object, object>(),
): string | undefined {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return Object.is(a, b) ? undefined : path;
  if (alias && a === b) return `${path} (same object)`;
  if (met.has(a)) return met.get(a) === b ? undefined : `${path} (shared differently)`;
  met.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path} (prototype)`;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return `${path}.length`;
  if (a instanceof Date && !Object.is(a.getTime(), (b as Date).getTime())) return `${path} (date)`;
  if (a instanceof ArrayBuffer)
    return difference(new Uint8Array(a), new Uint8Array(b as ArrayBuffer), alias, `${path}.bytes`, new Map());
  if (ArrayBuffer.isView(a) && a.buffer.byteLength !== (b as DataView).buffer.byteLength) return `${path}.buffer`;
  if (a instanceof Map || a instanceof Set) {
    const inside = difference([...a], [...(b as Set<unknown>)], alias, `${path}.entries`, met);
    if (inside !== undefined) return inside;
  }
  const [keys, others] = [Reflect.ownKeys(a), Reflect.ownKeys(b)];
  if (keys.length !== others.length || keys.some((key, at) => key !== others[at]))
    return `${path} (keys ${keys.map(String).join()} and ${others.map(String).join()})`;
  for (const key of keys) {
    const [one, other] = [Object.getOwnPropertyDescriptor(a, key), Object.getOwnPropertyDescriptor(b, key)];
    if (one?.enumerable !== other?.enumerable || one?.writable !== other?.writable)
      return `${path}.${String(key)} (descriptor)`;
    const inside = difference(one?.value, other?.value, alias, `${path}.${String(key)}`, met);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
