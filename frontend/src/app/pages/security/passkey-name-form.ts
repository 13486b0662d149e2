import { html, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { renamePasskey } from '../../../api/security';
import type { Passkey } from '../../../api/security-types';
import { complaints } from '../accounts/sentences';
import { renderField, valueOf } from '../fields';
import { InlineForm } from './inline-form';

/** Asks what a passkey is to be called from now on. */
export class PasskeyNameForm extends InlineForm {
  @property({ attribute: false }) passkey!: Passkey;

  override render(): TemplateResult {
    const { a, passkey } = this;
    const isAtField = complaints(this.attempt.failure, a, 0)['name'] !== undefined;
    const error = isAtField ? a('security_fault_passkey_name') : undefined;
    const name = { name: 'new_passkey_name', label: a('security_passkey_name'), value: passkey.name };
    return html`<form @submit=${this.submit} @keydown=${this.leave}>
      ${this.renderOutcome({ isAtField })} ${renderField({ ...name, autocomplete: 'off', maxlength: 100, error })}
      <div class="own-buttons">
        <button type="button" class="outlined" @click=${() => this.tell('cancelled')}>${a('security_cancel')}</button>
        ${this.renderSubmit(a('profile_save'))}
      </div>
    </form>`;
  }

  private leave(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.tell('cancelled');
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = valueOf(event.target as HTMLFormElement, 'new_passkey_name').trim();
    const isDone = await this.act(async () => void (await renamePasskey(this.api, this.passkey.id, name)));
    if (isDone) this.tell('done');
    else this.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }
}

customElements.define('tidings-passkey-name-form', PasskeyNameForm);
