import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { removeTotp } from '../../../api/security';
import type { AccountKey } from '../../../i18n/account-catalogues';
import { withProof } from '../../proof-dialog';
import { askFirst } from '../../question-dialog';
import { SecurityPart } from './security-part';
import './totp-setup';

/** The authenticator app: set up, or turned off. */
export class TotpPart extends SecurityPart {
  protected readonly name = 'totp';
  @state() private isOpen = false;

  protected override renderBadge(): TemplateResult | typeof nothing {
    return this.isOn ? html`<span class="own-badge on">${this.a('security_on')}</span>` : nothing;
  }

  protected renderBody(): TemplateResult {
    return html`<p class="lead">${this.a('security_totp_hint')}</p>
      ${this.renderOutcome()} ${this.renderNext()}`;
  }

  private renderNext(): TemplateResult {
    const { a } = this;
    if (this.isOn) return html`<button class="outlined opener" @click=${this.turnOff}>${a('security_turn_off')}</button>`;
    if (!this.isOpen) return html`<button class="outlined opener" @click=${this.open}>${a('security_totp_set_up')}</button>`;
    return html`<tidings-totp-setup
      .a=${a}
      @done=${() => this.close('security_totp_is_on')}
      @cancelled=${() => this.close()}
    ></tidings-totp-setup>`;
  }

  private get isOn(): boolean {
    return this.security.factors.methods.includes('totp');
  }

  private open(): void {
    this.isOpen = true;
    void this.hush();
  }

  private close(what?: AccountKey): void {
    this.isOpen = false;
    if (what) void this.did(what);
    void this.goToOpener();
  }

  private async turnOff(): Promise<void> {
    const { a } = this;
    const isDone = await askFirst({
      title: a('security_totp_question'),
      hint: a('security_totp_question_hint'),
      verb: a('security_turn_off'),
      act: () => withProof(() => removeTotp(this.api)),
    });
    await this.did(isDone ? 'security_totp_is_off' : undefined);
  }
}

customElements.define('tidings-totp-part', TotpPart);
