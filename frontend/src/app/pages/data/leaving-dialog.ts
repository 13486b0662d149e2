import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { removeAccount } from '../../../api/own-data';
import { Dialog } from '../../dialog';
import { withProof } from '../../proof-dialog';
import { session } from '../../session';
import type { AccountTranslator } from '../accounts/account-speech';
import { renderField, valueOf } from '../fields';

/** Says what goes for good, and has the user name typed, so that nobody leaves by a slip. */
export class LeavingDialog extends Dialog {
  /** What was typed is not the user name. */
  @state() private isMistyped = false;

  protected renderTitle(a: AccountTranslator): string {
    return a('data_leave_question');
  }

  protected renderWith(a: AccountTranslator): TemplateResult {
    const username = session.me?.username ?? '';
    const error = this.isMistyped ? a('data_leave_mistyped', { username }) : undefined;
    const { isBusy } = this.attempt;
    return html`<ul class="own-list">
        <li>${a('data_leave_profile')}</li>
        <li>${a('data_leave_inbox')}</li>
        <li>${a('data_leave_access')}</li>
        <li>${a('data_leave_copy')}</li>
      </ul>
      <p class="hint">${a('data_leave_kept')}</p>
      ${this.renderFailure(a)}
      <form novalidate @submit=${(event: SubmitEvent) => this.submit(event, username)}>
        ${renderField({ name: 'confirmation', label: a('data_leave_type', { username }), autocomplete: 'off', error })}
        <div class="buttons">
          <button type="button" class="outlined" @click=${() => this.close(false)}>${a('data_leave_stay')}</button>
          <button class="filled own-danger" aria-disabled=${isBusy}>${isBusy ? a('working') : a('data_leave_confirm')}</button>
        </div>
      </form>`;
  }

  private async submit(event: SubmitEvent, username: string): Promise<void> {
    event.preventDefault();
    this.isMistyped = valueOf(event.target as HTMLFormElement, 'confirmation').trim().toLowerCase() !== username;
    await this.updateComplete;
    if (this.isMistyped) return this.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    let isGone = false;
    await this.attempt.run(async () => (isGone = await withProof(() => removeAccount(session.api))));
    if (isGone) this.close(true);
  }
}

customElements.define('tidings-leaving-dialog', LeavingDialog);
