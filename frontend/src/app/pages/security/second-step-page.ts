import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { makeRecoveryCodes } from '../../../api/security';
import { canMakePasskeys } from '../../passkeys';
import { withProof } from '../../proof-dialog';
import type { AccountTranslator } from '../accounts/account-speech';
import { DutyPage } from './duty-page';
import './passkey-form';
import './recovery-codes';
import './totp-setup';

/** Where the server asks everybody for a second step: sets one up, and shows the recovery codes that come with it. */
export class SecondStepPage extends DutyPage {
  @state() private chosen: 'totp' | 'passkey' | null = null;
  /** A factor is set up: null until then, and empty until codes are made. */
  @state() private codes: readonly string[] | null = null;

  protected renderDuty(a: AccountTranslator): TemplateResult {
    if (this.codes) return this.renderEndOf(a, this.codes);
    return html`<h1 tabindex="-1">${this.t('second_step')}</h1>
      <p class="lead">${a('security_second_step_hint')}</p>
      ${this.renderChosen(a)}`;
  }

  private renderChosen(a: AccountTranslator): TemplateResult {
    const back = (): void => void (this.chosen = null);
    if (this.chosen === 'totp') return html`<tidings-totp-setup .a=${a} @done=${this.makeCodes} @cancelled=${back}></tidings-totp-setup>`;
    if (this.chosen === 'passkey') return html`<tidings-passkey-form .a=${a} @done=${this.makeCodes} @cancelled=${back}></tidings-passkey-form>`;
    const choose = (way: 'totp' | 'passkey') => (): void => void (this.chosen = way);
    return html`<div class="ways">
      <button class="filled wide" @click=${choose('totp')}>${a('use_totp')}</button>
      ${canMakePasskeys() ? html`<button class="outlined wide" @click=${choose('passkey')}>${a('use_passkey')}</button>` : nothing}
    </div>`;
  }

  private renderEndOf(a: AccountTranslator, codes: readonly string[]): TemplateResult {
    return html`<h1 tabindex="-1">${a('security_second_step_done')}</h1>
      ${this.renderFailure(a)}
      ${codes.length
        ? html`<tidings-recovery-codes alone .a=${a} .codes=${codes} @done=${this.goOn}></tidings-recovery-codes>`
        : html`<button class="filled wide" aria-disabled=${this.isBusy} @click=${this.goOn}>${this.t('continue')}</button>`}`;
  }

  /** The second step is there already: without codes one can go on too, and make them later. */
  private async makeCodes(): Promise<void> {
    this.codes = [];
    await this.attempt(async () => {
      await withProof(async () => (this.codes = (await makeRecoveryCodes(this.api)).recovery_codes));
    });
  }
}

customElements.define('tidings-second-step-page', SecondStepPage);
