/** What crosses the wire to operators, as the contract names it. */

export const DELIVERY_STATES = [
  'scheduled',
  'sending',
  'handing_over',
  'sent',
  'delivered',
  'skipped',
  'cancelled',
  'unknown',
  'dead',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const CHANNELS = ['in_app', 'email', 'push', 'sms', 'webhook', 'chat'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Attempt {
  at: string;
  outcome: string;
  provider: string | null;
  detail: string | null;
}

export interface Recipient {
  id: string;
  name: string | null;
  username: string | null;
  external_id: string | null;
}

export interface Delivery {
  id: string;
  user_id: string;
  kind: string;
  channel: string;
  key: string;
  event_id: string | null;
  notification_id: string | null;
  destination: string | null;
  state: DeliveryState;
  due_at: string;
  expires_at: string | null;
  attempt: number;
  attempts: Attempt[];
  provider: string | null;
  provider_ref: string | null;
  reason: string | null;
  last_error: string | null;
  created_at: string;
  finished_at: string | null;
  recipient: Recipient | null;
  type: string | null;
  title: string | null;
}

export interface DeliveryList {
  deliveries: Delivery[];
  next_cursor: string | null;
}

export interface KeptMail {
  delivery_id: string;
  kept_at: string;
  to: string;
  subject: string;
}

export interface MailList {
  mails: KeptMail[];
  kept_at_most: number;
}

export interface OpenedMail {
  delivery_id: string;
  headers: { name: string; value: string }[];
  text: string;
  html: string | null;
}

export interface Lane {
  kind: string;
  channel: string;
  due: number;
  later: number;
  held: number;
  oldest_due_at: string | null;
}

export interface Task {
  task: string;
  last_run_at: string | null;
  outcome: 'noted' | 'running' | 'done' | 'failed' | null;
  detail: string | null;
  next_run_at: string;
}

export interface System {
  version: string;
  database: { kind: string; version: string };
  queue: Lane[];
  dead: number;
  unknown: number;
  tasks: Task[];
  mail: { kind: 'smtp' | 'mailbox'; detail: string };
}

export interface TemplateList {
  templates: {
    /** Names it in an address. */
    name: string;
    key: string;
    group: 'type' | 'letter';
    channels: string[];
  }[];
  languages: string[];
}

/** A rendered template; `html` is null where the channel has none. */
export interface Preview {
  subject: string;
  text: string;
  html: string | null;
  icon: string | null;
}
