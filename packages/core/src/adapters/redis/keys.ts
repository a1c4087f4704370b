/*
 *   key                      list     what waits: payloads as producers push them, and messages that came back, in an envelope
 *   <prefix>held:<consumer>  hash     what a consumer has: delivery id → "<order> <attempt>\n<payload>"
 *   <prefix>consumers        zset     who consumes → when its lease runs out, in milliseconds of Redis' clock
 *   <prefix>delayed          zset     messages in their envelopes → when they are due
 *   <prefix>dead             hash     dead letters: delivery id → "<consumer> <attempts> <time>\n<reason and error>\n<payload>"
 *   <prefix>dead-order       zset     their ids → when they died
 *
 * An envelope is "offloop/1 <delivery id> <attempts so far>\n<payload>".
 */
export interface Keys {
  readonly line: string;
  readonly consumers: string;
  readonly delayed: string;
  readonly dead: string;
  readonly deadOrder: string;
  held(owner: string): string;
}

export function keysOf(key: string, prefix: string): Keys {
  return {
    line: key,
    consumers: `${prefix}consumers`,
    delayed: `${prefix}delayed`,
    dead: `${prefix}dead`,
    deadOrder: `${prefix}dead-order`,
    held: (owner) => `${prefix}held:${owner}`,
  };
}

/** A cluster keeps all of it in the list's own slot: what stands in braces decides, else the whole key does. */
export function defaultPrefix(key: string): string {
  return /[{}]/.test(key) ? `${key}:offloop:` : `{${key}}:offloop:`;
}
