import type { Api, Query } from './client';
import type { Delivery, DeliveryList, MailList, OpenedMail, Preview, System, TemplateList } from './console-types';

export interface DeliveryQuery extends Query {
  state?: string | null;
  channel?: string | null;
  user_id?: string | null;
  cursor?: string | null;
}

export function listDeliveries(api: Api, query: DeliveryQuery): Promise<DeliveryList> {
  return api.get('/deliveries', query);
}

export type DeliveryVerb = 'retry' | 'cancel';

export function changeDelivery(api: Api, id: string, verb: DeliveryVerb): Promise<Delivery> {
  return api.post(`/deliveries/${encodeURIComponent(id)}/${verb}`);
}

export function listMails(api: Api, limit: number): Promise<MailList> {
  return api.get('/development/mails', { limit });
}

export function readMail(api: Api, id: string): Promise<OpenedMail> {
  return api.get(`/development/mails/${encodeURIComponent(id)}`);
}

/** Where a mail's HTML stands as a document of its own, or the mail as a file. */
export function mailAddress(api: Api, id: string, part: 'html' | 'raw'): string {
  return api.url(`/development/mails/${encodeURIComponent(id)}/${part}`).href;
}

export function readSystem(api: Api): Promise<System> {
  return api.get('/system');
}

export function listTemplates(api: Api): Promise<TemplateList> {
  return api.get('/development/templates');
}

export interface TemplateQuery {
  name: string;
  channel: string;
  language: string;
}

export function readTemplate(api: Api, { name, channel, language }: TemplateQuery): Promise<Preview> {
  return api.get(`/development/templates/${encodeURIComponent(name)}`, { channel, language });
}

/** Where a template's HTML stands as a document of its own. */
export function templateAddress(api: Api, { name, channel, language }: TemplateQuery): string {
  return api.url(`/development/templates/${encodeURIComponent(name)}/html`, { channel, language }).href;
}

/** Sends an e-mail to oneself; what kept it from going, as a stable word, or null when it is on its way. */
export async function sendTestMail(api: Api, userId: string, text: { title: string; message: string }): Promise<string | null> {
  const sent = await api.post<SentEvent>('/notifications', { to: [userId], type: 'system', channels: ['email'], ...text });
  const { decisions } = await api.get<Explanation>(`/events/${sent.event_id}/explain`, { user_id: userId });
  const decision = decisions.find(({ channel }) => channel === 'email');
  return decision?.verdict === 'skip' ? decision.reason : null;
}

interface SentEvent {
  event_id: string;
}

interface Explanation {
  decisions: { channel: string; verdict: string; reason: string }[];
}
