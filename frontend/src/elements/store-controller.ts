import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Notification } from '../api/types';
import { chooseLanguage } from '../i18n/languages';
import { loadTranslator } from '../i18n/load';
import type { Key } from '../i18n/catalogues';
import { translator, type Translator } from '../i18n/translator';
import type { InboxStore } from '../inbox/inbox-store';
import { closeInbox, openInbox } from '../inbox/open-inboxes';
import { inbox as english } from '../locales/us.json';
import type { Intent } from '../stream/intents';

export type InboxTranslator = Translator<Key<'inbox'>>;

export interface InboxHost extends ReactiveControllerHost, HTMLElement {
  server: string;
  token: string | null;
  locale: string | null;
}

interface Hearing {
  onArrival?: (entry: Notification) => void;
  onFailure?: (intent: Intent) => void;
  onSignedOut?: () => void;
}

const MINUTE_MS = 60_000;

/** Ties an element to its inbox and its language, and draws it again when either changes. */
export class StoreController implements ReactiveController {
  store: InboxStore | null = null;
  t: InboxTranslator = translator(english, 'en-US');
  /** False until the language is there: nothing is shown in a language that is replaced a moment later. */
  isTranslated = false;
  private server = '';
  private token: string | null = null;
  private wish: string | null = null;
  private profileLanguage: string | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly host: InboxHost,
    private readonly hearing: Hearing = {},
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    // Relative times grow old.
    this.clock = setInterval(this.draw, MINUTE_MS);
    window.addEventListener('online', this.draw);
    window.addEventListener('offline', this.draw);
  }

  hostUpdate(): void {
    if (!this.store || this.server !== this.host.server || this.token !== this.host.token) this.bind();
    const wish = this.host.locale ?? this.profileLanguage ?? document.documentElement.lang;
    if (wish !== this.wish) void this.speak(wish);
  }

  hostDisconnected(): void {
    clearInterval(this.clock);
    window.removeEventListener('online', this.draw);
    window.removeEventListener('offline', this.draw);
    this.unbind();
  }

  private bind(): void {
    const { server, token } = this.host;
    const store = openInbox(server, token);
    this.unbind();
    this.server = server;
    this.token = token;
    this.store = store;
    store.addEventListener('change', this.draw);
    store.addEventListener('arrival', this.hearArrival);
    store.addEventListener('failure', this.hearFailure);
    store.addEventListener('language', this.hearLanguage);
    store.addEventListener('signed-out', this.hearSignedOut);
  }

  private unbind(): void {
    if (!this.store) return;
    this.store.removeEventListener('change', this.draw);
    this.store.removeEventListener('arrival', this.hearArrival);
    this.store.removeEventListener('failure', this.hearFailure);
    this.store.removeEventListener('language', this.hearLanguage);
    this.store.removeEventListener('signed-out', this.hearSignedOut);
    closeInbox(this.store);
    this.store = null;
  }

  private async speak(wish: string): Promise<void> {
    this.wish = wish;
    const t = await loadTranslator('inbox', chooseLanguage([wish, ...navigator.languages]), english);
    if (this.wish !== wish) return;
    this.t = t;
    this.isTranslated = true;
    this.host.requestUpdate();
  }

  private readonly draw = (): void => this.host.requestUpdate();

  private readonly hearArrival = (event: Event): void => {
    this.hearing.onArrival?.((event as CustomEvent<Notification>).detail);
  };

  private readonly hearFailure = (event: Event): void => {
    this.hearing.onFailure?.((event as CustomEvent<Intent>).detail);
  };

  private readonly hearSignedOut = (): void => this.hearing.onSignedOut?.();

  private readonly hearLanguage = (event: Event): void => {
    this.profileLanguage = (event as CustomEvent<string>).detail;
    this.host.requestUpdate();
  };
}
