import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError, UnreachableError } from '../../api/client';
import { icon } from '../../elements/icons';
import { session } from '../session';
import { AccountSpeech, type AccountTranslator } from './accounts/account-speech';
import { sentence } from './accounts/sentences';
import './own-pages.css';
import { SignedInPage } from './signed-in-page';

const PARTS = [0, 1, 2];

/** A page about oneself: it keeps its size until it knows what to show, and says what keeps it from that. */
export abstract class OwnPage extends SignedInPage {
  protected override readonly isWide = false;
  @state() private isLoaded = false;
  @state() private loadFailure: unknown = null;
  protected readonly api = session.api;
  private readonly words = new AccountSpeech(this);

  protected abstract load(): Promise<void>;
  protected abstract renderWith(a: AccountTranslator): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('online', this.begin);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('online', this.begin);
  }

  protected renderContent(): TemplateResult {
    const a = this.words.t;
    if (!a) return html``;
    if (this.isLoaded) return this.renderWith(a);
    return this.loadFailure ? this.renderLoadFailure(a) : renderSkeleton(a);
  }

  private renderLoadFailure(a: AccountTranslator): TemplateResult {
    const isOffline = this.loadFailure instanceof UnreachableError;
    return html`<div class="own-state" role="alert">
      <span class="own-seal">${icon(isOffline ? 'offline' : 'warning')}</span>
      <strong>${a(isOffline ? 'profile_offline' : 'profile_error')}</strong>
      <p>${isOffline ? a('profile_offline_hint') : sentence(this.loadFailure, a, this.t)}</p>
      <button class="outlined" @click=${this.begin}>${this.t('retry')}</button>
    </div>`;
  }

  /** Loads what is not there yet; what somebody is just changing is left alone. */
  private readonly begin = async (): Promise<void> => {
    if (this.isLoaded) return;
    this.loadFailure = null;
    try {
      await this.load();
      this.isLoaded = true;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) await this.checkSession();
      else this.loadFailure = error;
    }
  };
}

/** Boxes of about the size of what will stand there, so that little jumps when it comes. */
function renderSkeleton(a: AccountTranslator): TemplateResult {
  return html`<div role="status"><span class="visually-hidden">${a('profile_loading')}</span></div>
    ${PARTS.map(() => html`<div class="own-part own-skeleton" aria-hidden="true"><span></span><span></span><span></span></div>`)}`;
}
