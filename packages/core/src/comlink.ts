// offloop/comlink: an object that lives in a loop's thread, and a typed Comlink proxy of it in this one.
export { expose, type Exposed } from './adapters/comlink-expose.ts';
export { remote } from './adapters/comlink-remote.ts';
export { proxy, releaseProxy, transfer, type ProxyMarked, type Remote } from 'comlink';
