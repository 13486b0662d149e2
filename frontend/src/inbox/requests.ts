import type { Api } from '../api/client';
import {
  changeNotification, listNotifications, readAll, seenAll, snoozeNotification, type ListQuery,
} from '../api/notifications';
import type { Affected, Notification, NotificationPage } from '../api/types';
import type { Intent } from '../stream/intents';
import type { Tab } from '../stream/inbox-state';

const PAGE_SIZE = 20;
const PAGES_PER_LOOK = 5;

const FILTERS: Record<Tab, ListQuery> = {
  all: {},
  unread: { unread_only: true },
  dismissed: { include_dismissed: true, page_size: 100 },
};

/**
 * One page of a tab. The list has no filter for dismissed entries alone, so that tab looks through several pages
 * until it has found some; what it passes over is left out.
 */
export async function readPage(api: Api, tab: Tab, cursor: string | null): Promise<NotificationPage> {
  const query = { page_size: PAGE_SIZE, ...FILTERS[tab] };
  let page = await listNotifications(api, { ...query, cursor });
  if (tab !== 'dismissed') return page;
  const found = page.notifications.filter((entry) => entry.is_dismissed);
  for (let looked = 1; looked < PAGES_PER_LOOK && found.length < PAGE_SIZE && page.next_cursor; looked++) {
    const next = await listNotifications(api, { ...query, cursor: page.next_cursor });
    found.push(...next.notifications.filter((entry) => entry.is_dismissed));
    // The stream goes on from the first answer: whatever happened while looking is heard again.
    page = { ...next, cursor: page.cursor };
  }
  return { ...page, notifications: found };
}

/** Carries an intent out. An intent about one entry answers with that entry as it is now. */
export function send(api: Api, intent: Intent): Promise<Notification | Affected> {
  switch (intent.kind) {
    case 'read_all':
      return readAll(api);
    case 'seen_all':
      return seenAll(api);
    case 'snooze':
      return snoozeNotification(api, intent.id, intent.until);
    default:
      return changeNotification(api, intent.id, intent.kind);
  }
}

/** Where the stream is heard, from a cursor on. The cookie goes along by itself, a token has to be named. */
export function streamUrl(api: Api, since: string | null): string {
  const url = api.url('/notifications/ws', { since, token: api.token });
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
