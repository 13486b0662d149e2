import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { makeRecoveryCodes } from '../../../api/security';
import { withProof } from '../../proof-dialog';
import { askFirst } from '../../question-dialog';
import './recovery-codes';
import { SecurityPart } from './security-part';

/** Recovery codes: how many are left, and new ones, which are shown once. */
export class RecoveryPart extends SecurityPart {
  protected readonly name = 'recovery';
  /** Shown now, until they are kept. */
  @state() private codes: readonly string[] | null = null;
  private made: readonly string[] | null = null;

  protected override renderBadge(): TemplateResult | typeof nothing {
    const { mfa_enabled: isOn, recovery_codes_left: left } = this.security.factors;
    if (!isOn) return nothing;
    return html`<span class="own-badge ${left ? '' : 'bad'}">${this.a('security_codes_left', { count: left })}</span>`;
  }

  protected renderBody(): TemplateResult {
    const { a } = this;
    const isOn = this.security.factors.mfa_enabled;
    return html`<p class="lead">${a(isOn ? 'security_recovery_hint' : 'security_recovery_later')}</p>
      ${this.renderOutcome()} ${isOn ? this.renderNext() : nothing}`;
  }

  /** The first codes of an account; without them, whoever loses the device is locked out. */
  async makeFirst(): Promise<void> {
    await this.act(async () => void (await this.make()));
    await this.show();
  }

  private renderNext(): TemplateResult {
    const { a, codes } = this;
    if (codes) return html`<tidings-recovery-codes .a=${a} .codes=${codes} @done=${this.hide}></tidings-recovery-codes>`;
    return html`<button class="outlined opener" aria-disabled=${this.attempt.isBusy} @click=${this.renew}>${a('security_new_codes')}</button>`;
  }

  private async renew(): Promise<void> {
    const { a } = this;
    if (!this.security.factors.recovery_codes_left) return this.makeFirst();
    await askFirst({
      title: a('security_codes_question'),
      hint: a('security_codes_question_hint'),
      verb: a('security_new_codes'),
      act: () => this.make(),
    });
    await this.show();
  }

  private make(): Promise<boolean> {
    return withProof(async () => (this.made = (await makeRecoveryCodes(this.api)).recovery_codes));
  }

  /** Shows what was made, once no question stands before it. */
  private async show(): Promise<void> {
    if (!this.made) return;
    this.codes = this.made;
    this.made = null;
    await this.did();
  }

  private hide(): void {
    this.codes = null;
    void this.goToOpener();
  }
}

customElements.define('tidings-recovery-part', RecoveryPart);
