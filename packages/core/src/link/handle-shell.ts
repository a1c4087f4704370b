import { inspectable } from '../base/inspectable.ts';
import { Uncopied } from '../wire/values.ts';
import type { Contact } from './contact.ts';

let contactOf: (handle: HandleShell) => Contact;
let isShell: (value: unknown) => value is HandleShell;
const handles = new WeakMap<Contact, HandleShell>();

/**
 * A handle as it is known where values travel. Its methods come from the host side, which a thread has loaded only when a module
 * of it imports `offloop`: a job that does not can keep a handle, pass it on and return it.
 */
export class HandleShell extends Uncopied {
  readonly #contact: Contact;

  static {
    contactOf = (handle) => handle.#contact;
    isShell = (value): value is HandleShell => typeof value === 'object' && value !== null && #contact in value;
    inspectable(this, ({ name }) => `<LoopHandle '${name}'>`);
  }

  constructor(contact: Contact) {
    super();
    this.#contact = contact;
  }

  /** The name of the loop. */
  get name(): string {
    return this.#contact.name;
  }

  /** The id of the loop's thread, as `worker_threads` has it; 0 is the main thread's. */
  get threadId(): number {
    return this.#contact.threadId;
  }
}

/** A handle in a thread that has not loaded the host side. */
class SleepingHandle extends HandleShell {}

let make = (contact: Contact): HandleShell => new SleepingHandle(contact);

/** The host side is loaded: it makes the handles from now on, and those that there are get its methods. */
export function wakeHandles(prototype: object, makeAwake: (contact: Contact) => HandleShell): void {
  make = makeAwake;
  Object.setPrototypeOf(SleepingHandle.prototype, prototype);
  Reflect.deleteProperty(SleepingHandle.prototype, 'constructor');
}

/** The handle of a contact: the same one, each time. */
export function handleOf(contact: Contact): HandleShell {
  let handle = handles.get(contact);
  if (handle === undefined) {
    handle = make(contact);
    handles.set(contact, handle);
  }
  return handle;
}

export { contactOf, isShell };
