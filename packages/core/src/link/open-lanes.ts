/** The lanes that this thread sends on. */
const lanes = new Set<{ flush(): void }>();

export function addLane(lane: { flush(): void }): void {
  lanes.add(lane);
}

export function removeLane(lane: { flush(): void }): void {
  lanes.delete(lane);
}

/** Before this thread blocks: what waits for the end of the turn leaves now, or others would wait for it in vain. */
export function flushLanes(): void {
  for (const lane of lanes) lane.flush();
}
