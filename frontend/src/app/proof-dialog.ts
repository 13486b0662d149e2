import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError } from '../api/client';
import { confirmIdentity, readSecondFactors } from '../api/security';
import { Dialog } from './dialog';
import type { AccountTranslator } from './pages/accounts/account-speech';
import { renderField, renderPassword, valueOf } from './pages/fields';
import { canUsePasskeys, provePasskey } from './passkeys';
import { session } from './session';

/** How people can show again who they are, the first to be offered in front. */
const WAYS = ['password', 'passkey', 'totp'] as const;
type Way = (typeof WAYS)[number];

/** Asks who it is: somebody who finds an open session must not be able to take the account over. */
class ProofDialog extends Dialog {
  /** Null until it is known how this person can. */
  @state() private ways: Way[] | null = null;
  @state() private way: Way | undefined;
  private focused: Way | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.learn();
  }

  protected override updated(): void {
    const field = this.querySelector<HTMLInputElement>('input');
    if (field && this.focused !== this.way) field.focus();
    if (field) this.focused = this.way;
  }

  protected renderTitle(a: AccountTranslator): string {
    return a('security_proof');
  }

  protected renderWith(a: AccountTranslator): TemplateResult {
    const { ways, way } = this;
    if (!ways) return html`<p role="status">${a('working')}</p>`;
    return html`<p>${a(way ? 'security_proof_hint' : 'security_proof_none')}</p>
      ${this.renderFailure(a)} ${way ? this.renderWay(a, way, ways) : this.renderLeaving(a)}`;
  }

  protected override explain(failure: unknown, a: AccountTranslator): string {
    const isWrong = failure instanceof ProblemError && failure.code === 'invalid_credentials';
    return isWrong ? a('proof_wrong') : super.explain(failure, a);
  }

  private renderWay(a: AccountTranslator, way: Way, ways: Way[]): TemplateResult {
    const { isBusy } = this.attempt;
    const others = ways.filter((other) => other !== way);
    return html`<form @submit=${this.submit}>
      ${this.renderProof(a, way)}
      <div class="buttons">
        <button type="button" class="outlined" @click=${() => this.close(false)}>${a('security_cancel')}</button>
        <button class="filled" aria-disabled=${isBusy}>${isBusy ? a('working') : this.t('continue')}</button>
      </div>
      ${others.length
        ? html`<div class="ways">
            ${others.map(
              (other) =>
                html`<button type="button" class="quiet wide" @click=${() => this.choose(other)}>${a(other === 'password' ? 'security_use_password' : `use_${other}`)}</button>`,
            )}
          </div>`
        : nothing}
    </form>`;
  }

  private renderProof(a: AccountTranslator, way: Way): TemplateResult {
    const { t } = this;
    if (way === 'passkey') return html`<p>${a('passkey_hint')}</p>`;
    if (way === 'totp') {
      return renderField({ name: 'proof_code', label: t('code'), autocomplete: 'one-time-code', inputmode: 'numeric' });
    }
    return renderPassword({ name: 'proof_password', label: t('password'), autocomplete: 'current-password' }, t('show_password'));
  }

  /** Whoever came in through a provider alone shows who they are by coming in again. */
  private renderLeaving(a: AccountTranslator): TemplateResult {
    const { isBusy } = this.attempt;
    return html`<div class="buttons">
      <button class="outlined" @click=${() => this.close(false)}>${a('security_cancel')}</button>
      <button class="filled" aria-disabled=${isBusy} @click=${this.leave}>${a('security_sign_in_again')}</button>
    </div>`;
  }

  private choose(way: Way): void {
    this.way = way;
    this.attempt.forget();
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    if (await this.attempt.run(async () => confirmIdentity(session.api, await this.proof(form)))) this.close(true);
    else this.querySelector<HTMLInputElement>('input')?.select();
  }

  private async proof(form: HTMLFormElement) {
    if (this.way === 'passkey') return { passkey: await provePasskey(session.api) };
    if (this.way === 'totp') return { code: valueOf(form, 'proof_code').replaceAll(' ', '') };
    return { password: valueOf(form, 'proof_password') };
  }

  /** Without an answer about second factors a password is still taken. */
  private async learn(): Promise<void> {
    const factors = await readSecondFactors(session.api).catch(() => ({ methods: [] as string[] }));
    const has: Record<Way, boolean> = {
      password: session.me?.has_password ?? false,
      passkey: factors.methods.includes('passkey') && canUsePasskeys(),
      totp: factors.methods.includes('totp'),
    };
    this.ways = WAYS.filter((way) => has[way]);
    this.way = this.ways[0];
  }

  /** The app then asks to sign in, and comes back to this page. */
  private async leave(): Promise<void> {
    if (await this.attempt.run(() => session.end())) this.close(false);
  }
}

customElements.define('tidings-proof-dialog', ProofDialog);

/** Does what needs a recent sign-in, and asks for a proof first where the last one is too old. Says whether it was done. */
export async function withProof(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof ProblemError && error.code === 'confirmation_required')) throw error;
  }
  if (!(await new ProofDialog().ask())) return false;
  await act();
  return true;
}
