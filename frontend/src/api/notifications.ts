import type { Api, Query } from './client';
import type { Affected, Changes, Notification, NotificationPage } from './types';

export interface ListQuery extends Query {
  cursor?: string | null;
  page_size?: number;
  unread_only?: boolean;
  include_dismissed?: boolean;
}

export function listNotifications(api: Api, query: ListQuery): Promise<NotificationPage> {
  return api.get('/notifications', query);
}

/** Everything that changed since a cursor, in commit order. */
export function changesSince(api: Api, since: string): Promise<Changes> {
  return api.get('/notifications/changes', { since, limit: 500 });
}

export type EntryVerb = 'read' | 'unread' | 'dismiss' | 'restore';

export function changeNotification(api: Api, id: string, verb: EntryVerb): Promise<Notification> {
  return api.post(`/notifications/${encodeURIComponent(id)}/${verb}`);
}

export function snoozeNotification(api: Api, id: string, until: string): Promise<Notification> {
  return api.post(`/notifications/${encodeURIComponent(id)}/snooze`, { until });
}

export function readAll(api: Api): Promise<Affected> {
  return api.post('/notifications/read-all', {});
}

export function seenAll(api: Api): Promise<Affected> {
  return api.post('/notifications/seen-all', {});
}
