const HIDDEN_LIMIT_MS = 5 * 60_000;

export interface PresenceOptions {
  /** Nobody has looked at this page for five minutes. */
  onAway: () => void;
  /** The page is looked at again, or the network is back. */
  onReturn: () => void;
}

/** Watches whether this page is looked at. Returns a function that ends the watch. */
export function watchPresence({ onAway, onReturn }: PresenceOptions): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = setTimeout(onAway, HIDDEN_LIMIT_MS);
    else onReturn();
  };
  document.addEventListener('visibilitychange', look);
  window.addEventListener('online', onReturn);
  // A page taken back from the back/forward cache has heard nothing meanwhile.
  window.addEventListener('pageshow', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('online', onReturn);
    window.removeEventListener('pageshow', look);
  };
}
