// The reader's side of shapes: how an object with these keys is made.

/** What a builder needs of the reader. */
interface Items {
  item(): unknown;
}

type Build = (items: Items) => object;

/** A builder is compiled when its shape has occurred so often: compiling costs as much as some hundred objects. */
const usesBeforeCompiling = 16;

const CompiledFunction = Function;
const { defineProperty, prototype: objectPrototype } = Object;
const { stringify } = JSON;

export class KnownShape {
  readonly #keys: readonly string[];
  /** Negative: never to be compiled. */
  #uses = 0;
  #compiled: Build | undefined;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  build(items: Items): object {
    if (this.#compiled !== undefined) return this.#compiled(items);
    if (this.#uses >= 0 && ++this.#uses > usesBeforeCompiling) {
      this.#uses = -1;
      this.#compiled = compile(this.#keys);
    }
    return assemble(this.#keys, items);
  }
}

/** Key by key. Never through an inherited setter, and never refused by a frozen Object.prototype. */
function assemble(keys: readonly string[], items: Items): object {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    if (key in objectPrototype)
      defineProperty(result, key, { value: items.item(), writable: true, enumerable: true, configurable: true });
    else result[key] = items.item();
  }
  return result;
}

/** A literal makes all objects of a shape of one hidden class. Undefined where it would not give what `assemble` gives. */
function compile(keys: readonly string[]): Build | undefined {
  if (keys.some((key) => key === '__proto__' || /^\d+$/.test(key))) return undefined;
  const fields = keys.map((key) => `${literal(key)}: items.item()`);
  try {
    return new CompiledFunction('items', `return {${fields.join(', ')}};`) as Build;
  } catch {
    // Code generation from strings is not allowed in this process.
    return undefined;
  }
}

/** Keys come from another thread of this program, but they are data all the same: none may end its literal. */
function literal(key: string): string {
  return stringify(key).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'));
}
