// The writer's side of shapes: a list of keys that occurs again is sent once, and is a number from then on.

/** A list of keys is a shape when it has at most so many keys, each of at most so many characters. */
const maxKeys = 64;
const maxKeyLength = 64;
/** So many shapes are known in one direction of a link. */
const maxShapes = 1000;
/** So many lists are watched for a second occurrence, in nodes; when these are used up, they are forgotten after so many records. */
const maxWatched = 4096;
const watchedFor = 1000;

/** A list of keys: that of its parent, and one more. */
export class ShapeNode {
  readonly parent: ShapeNode | undefined;
  readonly key: string;
  readonly length: number;
  /** The number under which the reader knows this list; -1: it does not. */
  id = -1;
  seen = false;
  /** The child that was asked for last: objects of one kind come in rows. */
  lastKey: string | undefined;
  lastChild: ShapeNode | undefined;
  #children: Map<string, ShapeNode> | undefined;

  constructor(parent: ShapeNode | undefined, key: string) {
    this.parent = parent;
    this.key = key;
    this.length = parent === undefined ? 0 : parent.length + 1;
  }

  find(key: string): ShapeNode | undefined {
    const child = this.#children?.get(key);
    if (child !== undefined) {
      this.lastKey = key;
      this.lastChild = child;
    }
    return child;
  }

  add(key: string): ShapeNode {
    const child = new ShapeNode(this, key);
    this.#children ??= new Map();
    this.#children.set(key, child);
    this.lastKey = key;
    this.lastChild = child;
    return child;
  }

  keys(): string[] {
    if (this.parent === undefined) return [];
    const keys = this.parent.keys();
    keys.push(this.key);
    return keys;
  }
}

export class Shapes {
  /** The list without keys, which is shape 0 from the beginning. */
  root: ShapeNode = emptyList();
  /** Shape number `i` is that of `#known[i]`. */
  readonly #known: ShapeNode[] = [this.root];
  #mark = 1;
  #watched = 0;
  #records = 0;

  /** The shapes known now are those to which `rollback` returns. */
  begin(): void {
    this.#mark = this.#known.length;
    if (this.#watched >= maxWatched && ++this.#records >= watchedFor) this.#forget();
  }

  rollback(): void {
    while (this.#known.length > this.#mark) {
      const node = this.#known.pop();
      if (node !== undefined) node.id = -1;
    }
  }

  /** The list with one more key; undefined when it is not to be remembered. */
  step(node: ShapeNode, key: string): ShapeNode | undefined {
    const child = node.find(key);
    if (child !== undefined) return child;
    if (this.#watched >= maxWatched || node.length >= maxKeys || key.length > maxKeyLength) return undefined;
    this.#watched++;
    return node.add(key);
  }

  /** Make a shape of a list that has occurred before. False: it is not one (yet), and travels as it is. */
  define(node: ShapeNode): boolean {
    if (!node.seen || this.#known.length >= maxShapes) {
      node.seen = true;
      return false;
    }
    node.id = this.#known.length;
    this.#known.push(node);
    return true;
  }

  /** Objects used as dictionaries fill the tree with lists that never occur again: keep the shapes only. */
  #forget(): void {
    const root = emptyList();
    for (const [id, known] of this.#known.entries()) {
      let node = root;
      for (const key of known.keys()) node = node.find(key) ?? node.add(key);
      node.id = id;
      this.#known[id] = node;
    }
    this.root = root;
    this.#watched = 0;
    this.#records = 0;
  }
}

function emptyList(): ShapeNode {
  const node = new ShapeNode(undefined, '');
  node.id = 0;
  return node;
}
