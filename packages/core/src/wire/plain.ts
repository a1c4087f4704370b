import { types } from 'node:util';

// What structured clone takes for a plain object. Captured when this loads: a job may replace globals.
const { getPrototypeOf, prototype: objectPrototype } = Object;
/* oxlint-disable-next-line typescript/unbound-method -- called with the object as `this` */
const { toString } = objectPrototype;
const { isArray, prototype: arrayPrototype } = Array;
const { isRawJSON } = JSON as { isRawJSON?: (value: unknown) => boolean };
const clean: object = {};

/**
 * Has nobody put anything on Object.prototype or Array.prototype that would show in `for in`, in holes or in push? Else nothing but
 * primitives can be written.
 */
export function prototypesAreClean(): boolean {
  for (const _ in clean) return false;
  return arrayPrototype.length === 0 && !(0 in clean);
}

/** An array of this realm, not of a subclass. The value is no proxy. */
export function isPlainArray(value: object): value is unknown[] {
  return isArray(value) && getPrototypeOf(value) === arrayPrototype;
}

/**
 * An object that structured clone takes key by key. The value is no proxy. `Object.prototype.toString` tells arguments,
 * errors, dates, regular expressions and boxed primitives whose prototype was replaced.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== objectPrototype && prototype !== null) return false;
  return toString.call(value) === '[object Object]' && (prototype !== null || !isDisguised(value));
}

/**
 * Is it one of the other built-in objects, with its prototype replaced? To ask this of every object would double the cost,
 * so it is asked where it is likelier: of those without keys, and those without a prototype.
 */
export function isDisguised(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isPromise(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isArrayBufferView(value) ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value) ||
    isRawJSON?.(value) === true
  );
}

/** A value that every lane takes for certain. */
export function isSimple(value: unknown): boolean {
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' || value === undefined || value === null;
}
