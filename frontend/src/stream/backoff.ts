const BASE_MS = 1_000;
const CAP_MS = 30_000;

/** Full jitter: anywhere between nothing and a bound that doubles with each attempt, so crowds spread out. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}

/** After a goodbye: around the delay the server named, so that a drained node's clients do not return together. */
export function afterGoodbye(retryMs: number, random: () => number = Math.random): number {
  return retryMs * (0.5 + random());
}

/** Below 4500, and for a connection that simply broke, coming back is right; from 4500 on it is pointless. */
export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4500;
}
