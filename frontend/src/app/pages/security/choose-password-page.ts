import { html, type TemplateResult } from 'lit';
import { session } from '../../session';
import type { AccountTranslator } from '../accounts/account-speech';
import { passwordLength } from '../accounts/sentences';
import { DutyPage } from './duty-page';
import './password-form';

/** Whoever was given a password chooses one of their own. */
export class ChoosePasswordPage extends DutyPage {
  protected renderDuty(a: AccountTranslator): TemplateResult {
    const { settings } = this;
    const { me } = session;
    if (!settings || !me) return this.renderUnsettled(a);
    return html`<h1 tabindex="-1">${this.t('choose_password')}</h1>
      <p class="lead">${a('security_choose_password_hint')}</p>
      ${this.renderFailure(a)}
      <tidings-password-form
        required
        .a=${a}
        .me=${me}
        .length=${passwordLength(settings, me)}
        @done=${this.goOn}
      ></tidings-password-form>`;
  }
}

customElements.define('tidings-choose-password-page', ChoosePasswordPage);
