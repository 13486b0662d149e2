import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError, UnreachableError } from '../../../api/client';
import { icon } from '../../../elements/icons';
import { exactTime, nearTime } from '../../moments';
import { Poll } from '../../poll';
import { session } from '../../session';
import { SignedInPage } from '../signed-in-page';
import { ConsoleSpeech, type ConsoleTranslator } from './console-speech';
import './console.css';

/** A page for administrators that keeps itself up to date while it is looked at. */
export abstract class ConsolePage extends SignedInPage {
  @state() protected isOffline = false;
  protected readonly api = session.api;
  private readonly words = new ConsoleSpeech(this);
  private readonly poll = new Poll(this, 5, () => this.keepUp());

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('offline', this.loseConnection);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('offline', this.loseConnection);
  }

  /** Reads anew what the page shows. */
  protected abstract load(): Promise<void>;
  protected abstract renderWith(c: ConsoleTranslator): TemplateResult;

  protected renderContent(): TemplateResult {
    const c = this.words.t;
    if (!c) return html``;
    return html`${this.isOffline ? this.renderOffline(c) : nothing} ${this.renderWith(c)}`;
  }

  /** Reads anew at once. */
  protected refresh(): Promise<void> {
    return this.poll.now();
  }

  protected renderTime(iso: string | null, none: string): TemplateResult {
    if (iso === null) return html`<span class="soft">${none}</span>`;
    const { tag } = this.t;
    return html`<time datetime=${iso} title=${exactTime(iso, tag)}>${nearTime(iso, tag, new Date())}</time>`;
  }

  /** Brings the top of what was just chosen into view, and the keyboard there when the list has made room for it. */
  protected showChosen({ focus }: { focus: 'always' | 'without list' }): void {
    const chosen = this.querySelector<HTMLElement>('.chosen');
    const hasList = this.querySelector('.choices')?.checkVisibility() ?? false;
    if (focus === 'always' || !hasList) chosen?.querySelector('h2')?.focus({ preventScroll: true });
    if (chosen && chosen.getBoundingClientRect().top < 0) chosen.scrollIntoView();
  }

  private renderOffline(c: ConsoleTranslator): TemplateResult {
    return html`<p class="notice with-icon" role="status">${icon('offline')}<span>${c('offline')}</span></p>`;
  }

  private readonly loseConnection = (): void => void (this.isOffline = true);

  private async keepUp(): Promise<void> {
    try {
      await this.load();
      this.isOffline = !navigator.onLine;
      this.failure = null;
    } catch (error) {
      await this.show(error);
    }
    this.requestUpdate(); // Relative times move on, also when nothing else did.
  }

  private async show(error: unknown): Promise<void> {
    this.isOffline = error instanceof UnreachableError;
    if (error instanceof ProblemError && error.status === 401) await this.checkSession();
    else this.failure = this.isOffline ? null : error;
  }
}
