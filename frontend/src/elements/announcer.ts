import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Notification } from '../api/types';
import type { StoreController } from './store-controller';

const GATHER_MS = 1_500;

/** What the one polite live region says: arrivals gathered into one sentence, results at once. */
export class Announcer implements ReactiveController {
  text = '';
  private arrived: Notification[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly inbox: StoreController,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  arrival(entry: Notification): void {
    this.arrived.push(entry);
    this.timer ??= setTimeout(() => this.sayArrived(), GATHER_MS);
  }

  say(text: string): void {
    this.text = text;
    this.host.requestUpdate();
  }

  private sayArrived(): void {
    const [first, ...others] = this.arrived;
    this.timer = undefined;
    this.arrived = [];
    if (!first) return;
    const { t } = this.inbox;
    this.say(others.length ? t('arrived', { count: others.length + 1 }) : t('arrived_title', { title: first.title }));
  }
}
