import type { Api } from '../api/client';
import { changesSince } from '../api/notifications';
import { applyChanges, applyFirstPage, emptyInbox, TABS, type InboxState } from '../stream/inbox-state';
import { readPage } from './requests';

/** The inbox with everything that was missed since its cursor; read anew when the cursor leads nowhere any more. */
export async function catchUp(api: Api, state: InboxState, cursor: string): Promise<InboxState> {
  let next = state;
  let changes = await changesSince(api, cursor);
  while (changes.has_more && !changes.reset) {
    next = applyChanges(next, changes);
    changes = await changesSince(api, changes.cursor);
  }
  return changes.reset ? readAgain(api, state) : applyChanges(next, changes);
}

/** The first page of every tab that is in use, and nothing of before. */
export async function readAgain(api: Api, state: InboxState): Promise<InboxState> {
  let fresh = emptyInbox;
  for (const tab of TABS.filter((tab) => state.listings[tab])) {
    fresh = applyFirstPage(fresh, tab, await readPage(api, tab, null));
  }
  return fresh;
}
