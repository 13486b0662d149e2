import type { Delivery } from './api/console-types';
import type { Notification } from './api/types';

let count = 0;

/** A notification for Ada; each one newer than the one before. */
export function notification(overrides: Partial<Notification> = {}): Notification {
  count += 1;
  return {
    id: `n${count}`,
    event_id: `e${count}`,
    type: 'achievement',
    type_code: 203,
    priority: 'medium',
    title: 'Achievement unlocked',
    message: 'You rode 100 km.',
    data: {},
    actor: null,
    action_url: null,
    action_text: null,
    icon: null,
    image_url: null,
    group_key: null,
    is_seen: false,
    is_read: false,
    read_at: null,
    is_dismissed: false,
    dismissed_at: null,
    snoozed_until: null,
    sent_in_app: true,
    sent_email: false,
    sent_push: false,
    reason: null,
    created_at: new Date(Date.UTC(2026, 0, 1, 0, count)).toISOString(),
    expires_at: null,
    revision: count,
    ...overrides,
  };
}

/** A WebSocket whose server is the test. */
export class FakeWebSocket {
  static readonly OPEN = 1;
  static opened: FakeWebSocket[] = [];

  readyState = FakeWebSocket.OPEN;
  sent: unknown[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeWebSocket.opened.push(this);
  }

  static get last(): FakeWebSocket {
    const socket = this.opened.at(-1);
    if (!socket) throw new Error('No socket was opened.');
    return socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  hangsUp(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** A mail to Ada that went out. */
export function delivery(overrides: Partial<Delivery> = {}): Delivery {
  return {
    id: 'd1',
    user_id: 'ada',
    kind: 'notification',
    channel: 'email',
    key: 'event:e1:email',
    event_id: 'e1',
    notification_id: 'n1',
    destination: null,
    state: 'sent',
    due_at: '2026-01-01T00:00:00Z',
    expires_at: null,
    attempt: 1,
    attempts: [{ at: '2026-01-01T00:00:01Z', outcome: 'sent', provider: 'mail.example', detail: null }],
    provider: 'mail.example',
    provider_ref: null,
    reason: null,
    last_error: null,
    created_at: '2026-01-01T00:00:00Z',
    finished_at: '2026-01-01T00:00:01Z',
    recipient: { id: 'ada', name: 'Ada', username: 'ada', external_id: null },
    type: 'message',
    title: 'Lunch?',
    ...overrides,
  };
}
