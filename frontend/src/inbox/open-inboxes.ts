import { Api } from '../api/client';
import { subjectOf } from './identity';
import { InboxStore } from './inbox-store';

/** The inboxes in use on this page: a bell and a list of one person share what they know. */
const open = new Map<string, { store: InboxStore; users: number }>();

/** The inbox of this server and person. Whoever opens it gives it back with `closeInbox`. */
export function openInbox(server: string, token: string | null): InboxStore {
  const key = keyOf(server, token);
  const held = open.get(key);
  if (held) {
    held.users += 1;
    held.store.api.token = token;
    return held.store;
  }
  const store = new InboxStore(new Api({ server, token }));
  open.set(key, { store, users: 1 });
  void store.start();
  return store;
}

export function closeInbox(store: InboxStore): void {
  for (const [key, held] of open) {
    if (held.store !== store || --held.users > 0) continue;
    store.stop();
    open.delete(key);
  }
}

function keyOf(server: string, token: string | null): string {
  // A renewed token of the same person goes on with the same inbox.
  return JSON.stringify([server, token && (subjectOf(token) ?? token)]);
}
