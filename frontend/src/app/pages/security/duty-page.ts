import { html, type TemplateResult } from 'lit';
import { session } from '../../session';
import { AccountPage } from '../accounts/account-page';
import type { AccountTranslator } from '../accounts/account-speech';
import '../own-pages.css';
import './security.css';

/** What somebody who signed in must do before anything else; once it is done, the app goes on to where they wanted to. */
export abstract class DutyPage extends AccountPage {
  protected abstract renderDuty(a: AccountTranslator): TemplateResult;

  protected renderWith(a: AccountTranslator): TemplateResult {
    // Whoever signs out elsewhere leaves this page a moment later.
    return session.me ? html`${this.renderDuty(a)} ${this.renderLeaving()}` : html``;
  }

  /** The app hears that the duty is done. */
  protected async goOn(): Promise<void> {
    await this.attempt(() => session.load());
  }

  private renderLeaving(): TemplateResult {
    const leave = (): Promise<void> => this.attempt(() => session.end());
    return html`<button type="button" class="quiet wide" aria-disabled=${this.isBusy} @click=${leave}>${this.t('sign_out')}</button>`;
  }
}
