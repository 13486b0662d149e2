import { html, type TemplateResult } from 'lit';
import { addPasskey } from '../../../api/security';
import { makePasskey } from '../../passkeys';
import { withProof } from '../../proof-dialog';
import { complaints } from '../accounts/sentences';
import { renderField, valueOf } from '../fields';
import { InlineForm } from './inline-form';

/** Asks what a new passkey is to be called, and has the device make it. */
export class PasskeyForm extends InlineForm {
  override render(): TemplateResult {
    const { a } = this;
    const isAtField = complaints(this.attempt.failure, a, 0)['name'] !== undefined;
    const error = isAtField ? a('security_fault_passkey_name') : undefined;
    const name = { name: 'passkey_name', label: a('security_passkey_name'), hint: a('security_passkey_name_hint') };
    return html`<form @submit=${this.submit}>
      ${this.renderOutcome({ isAtField })} ${renderField({ ...name, autocomplete: 'off', maxlength: 100, error })}
      <div class="own-buttons">
        <button type="button" class="outlined" @click=${() => this.tell('cancelled')}>${a('security_cancel')}</button>
        ${this.renderSubmit(this.t('continue'))}
      </div>
    </form>`;
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = valueOf(event.target as HTMLFormElement, 'passkey_name').trim();
    let isMade = false;
    await this.act(async () => {
      isMade = await withProof(async () => addPasskey(this.api, name, await makePasskey(this.api)));
    });
    if (isMade) this.tell('done');
  }
}

customElements.define('tidings-passkey-form', PasskeyForm);
