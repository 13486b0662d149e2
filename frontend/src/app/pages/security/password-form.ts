import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { ProblemError } from '../../../api/client';
import { changePassword, confirmIdentity } from '../../../api/security';
import type { Me } from '../../../api/types';
import { complaints } from '../accounts/sentences';
import { renderField, renderPassword, valueOf } from '../fields';
import { InlineForm } from './inline-form';

/** Asks for the password of now and a new one. */
export class PasswordForm extends InlineForm {
  @property({ attribute: false }) me!: Me;
  /** How many characters the new one needs. */
  @property({ type: Number }) length = 0;
  /** The password of now cannot stay: the form cannot be put away. */
  @property({ type: Boolean }) required = false;

  override render(): TemplateResult {
    const { a, required } = this;
    const { failure } = this.attempt;
    const refused = complaints(failure, a, this.length)['password'];
    const wrong = isWrongPassword(failure) ? a('security_current_wrong') : undefined;
    const current = { name: 'current_password', label: a('security_current_password') };
    const hint = a('password_advice', { count: this.length });
    const wanted = { name: 'new_password', label: a('new_password'), autocomplete: 'new-password', hint, error: refused };
    return html`<form @submit=${this.submit}>
      ${this.renderOutcome({ isAtField: Boolean(wrong ?? refused) })}
      <input hidden autocomplete="username" name="username" .value=${this.me.username} />
      ${renderField({ ...current, type: 'password', autocomplete: 'current-password', error: wrong })}
      ${renderPassword(wanted, this.t('show_password'))}
      <div class="own-buttons">
        ${required
          ? nothing
          : html`<button type="button" class="outlined" @click=${() => this.tell('cancelled')}>${a('security_cancel')}</button>`}
        ${this.renderSubmit(a('reset'))}
      </div>
    </form>`;
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const [current, wanted] = [valueOf(form, 'current_password'), valueOf(form, 'new_password')];
    if (await this.act(() => this.change(current, wanted))) this.tell('done');
  }

  /** The password of now is itself the proof that may be asked for. */
  private async change(current: string, wanted: string): Promise<void> {
    try {
      await changePassword(this.api, current, wanted);
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'confirmation_required')) throw error;
      await confirmIdentity(this.api, { password: current });
      await changePassword(this.api, current, wanted);
    }
  }
}

function isWrongPassword(failure: unknown): boolean {
  return failure instanceof ProblemError && failure.code === 'invalid_credentials';
}

customElements.define('tidings-password-form', PasswordForm);
