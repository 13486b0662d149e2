import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { askForEmail, readEmail, withdrawEmail, type OwnEmail } from '../../../api/profile';
import { icon } from '../../../elements/icons';
import { complaints } from '../accounts/sentences';
import { renderField, valueOf } from '../fields';
import { withProof } from '../../proof-dialog';
import { OwnPart } from '../own-part';
import { longTime } from '../times';

/** One's address, and the one that takes its place once whoever reads it says so. */
export class EmailPart extends OwnPart {
  @property({ attribute: false }) email!: OwnEmail;
  /** The address that was asked for was one's own. */
  @state() private isSame = false;

  override render() {
    const { a, email } = this;
    return this.renderPart(
      'email',
      this.t('email'),
      html`<p class="own-line">
          <strong dir="auto">${email.email ?? a('profile_email_none')}</strong>
          ${email.email ? html`<span class="own-badge">${a(email.email_verified ? 'profile_email_confirmed' : 'profile_email_unconfirmed')}</span>` : nothing}
        </p>
        ${email.pending_email ? this.renderPending(email.pending_email, email.pending_until) : this.renderForm()}`,
    );
  }

  private renderForm(): TemplateResult {
    const { a } = this;
    const said = this.isSame ? a('profile_email_same') : complaints(this.attempt.failure, a, 0)['email'];
    const hint = a('profile_email_hint');
    return html`<form @submit=${this.submit}>
      ${renderField({ name: 'email', label: a('profile_email_new'), type: 'email', autocomplete: 'email', hint, error: said })}
      ${this.renderOutcome({ isAtField: said !== undefined })}
      <div class="own-buttons start">${this.renderSubmit(a('profile_email_change'))}</div>
    </form>`;
  }

  private renderPending(pending: string, until: string | null): TemplateResult {
    const { a } = this;
    return html`<div class="notice own-pending">
        ${icon('mail')}
        <div>
          <p>${a('profile_email_asked', { email: pending })}</p>
          ${until ? html`<p class="hint">${a('profile_email_until', { time: longTime(until, a.tag) })} ${a('letter_spam')}</p>` : nothing}
        </div>
      </div>
      ${this.renderOutcome()}
      <div class="own-buttons start">
        <button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${() => this.ask(pending)}>${a('profile_email_again')}</button>
        <button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${() => this.withdraw()}>${a('profile_email_withdraw')}</button>
      </div>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const email = valueOf(event.target as HTMLFormElement, 'email').trim();
    this.isSame = email.toLowerCase() === this.email.email;
    if (!this.isSame) void this.ask(email);
  }

  private async ask(email: string): Promise<void> {
    const isDone = await this.act(async () => {
      if (await withProof(() => askForEmail(this.api, email))) this.email = await readEmail(this.api);
    });
    if (isDone && this.email.pending_email) await this.goToTitle();
  }

  private async withdraw(): Promise<void> {
    const isDone = await this.act(async () => {
      await withdrawEmail(this.api);
      this.email = await readEmail(this.api);
      return 'profile_email_withdrawn';
    });
    if (isDone) await this.goToTitle();
  }
}

customElements.define('tidings-email-part', EmailPart);
