import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { removePasskey } from '../../../api/security';
import type { Passkey } from '../../../api/security-types';
import type { AccountKey } from '../../../i18n/account-catalogues';
import { canMakePasskeys } from '../../passkeys';
import { withProof } from '../../proof-dialog';
import { askFirst } from '../../question-dialog';
import './passkey-form';
import './passkey-name-form';
import { SecurityPart } from './security-part';

/** One's passkeys: listed, added, renamed, removed. */
export class PasskeysPart extends SecurityPart {
  protected readonly name = 'passkeys';
  @state() private isOpen = false;
  /** The id of the one that is getting another name. */
  @state() private renamed: string | null = null;
  private readonly canMake = canMakePasskeys();

  protected renderBody(): TemplateResult {
    const { passkeys } = this.security;
    return html`<p class="lead">${this.a('security_passkeys_hint')}</p>
      ${this.renderOutcome()}
      ${passkeys.length ? html`<ul class="rows">${passkeys.map((passkey) => this.renderPasskey(passkey))}</ul>` : nothing}
      ${this.canMake ? this.renderAdding() : html`<p class="lead">${this.a('security_no_passkeys_here')}</p>`}`;
  }

  private renderPasskey(passkey: Passkey): TemplateResult {
    const { a } = this;
    const { id, name, is_backed_up, created_at, last_used_at } = passkey;
    if (id === this.renamed) return this.renderNaming(passkey);
    return html`<li>
      <div>
        <p class="row-name">
          <strong dir="auto">${name}</strong>${is_backed_up ? html`<span class="own-badge">${a('security_synced')}</span>` : nothing}
        </p>
        <p class="lead">
          ${this.renderTime('security_at_added', created_at)} ·
          ${last_used_at ? this.renderTime('security_at_used', last_used_at) : a('security_never_used')}
        </p>
      </div>
      <div class="own-buttons">
        <button class="outlined" data-rename=${id} aria-label=${a('security_rename_it', { name })} @click=${() => this.beginNaming(passkey)}>
          ${a('security_rename')}
        </button>
        <button class="outlined" aria-label=${a('security_remove_it', { name })} @click=${() => this.take(passkey)}>
          ${a('security_remove')}
        </button>
      </div>
    </li>`;
  }

  private renderNaming(passkey: Passkey): TemplateResult {
    return html`<li>
      <tidings-passkey-name-form
        .a=${this.a}
        .passkey=${passkey}
        @done=${() => this.endNaming('security_passkey_renamed')}
        @cancelled=${() => this.endNaming()}
      ></tidings-passkey-name-form>
    </li>`;
  }

  private renderAdding(): TemplateResult {
    const { a } = this;
    if (!this.isOpen) return html`<button class="outlined opener" @click=${this.open}>${a('security_add_passkey')}</button>`;
    return html`<tidings-passkey-form
      .a=${a}
      @done=${() => this.close('security_passkey_added')}
      @cancelled=${() => this.close()}
    ></tidings-passkey-form>`;
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

  private beginNaming({ id }: Passkey): void {
    this.renamed = id;
    void this.hush();
  }

  /** The keyboard goes back to the button that opened the form. */
  private async endNaming(what?: AccountKey): Promise<void> {
    const id = this.renamed;
    this.renamed = null;
    if (what) await this.did(what);
    await this.updateComplete;
    this.querySelector<HTMLElement>(`[data-rename="${id}"]`)?.focus();
  }

  private async take({ id, name }: Passkey): Promise<void> {
    const { a } = this;
    const isDone = await askFirst({
      title: a('security_remove_passkey', { name }),
      hint: a('security_remove_hint'),
      verb: a('security_remove'),
      act: () => withProof(() => removePasskey(this.api, id)),
    });
    await this.did(isDone ? 'security_passkey_removed' : undefined);
    if (isDone) await this.goToTitle();
  }
}

customElements.define('tidings-passkeys-part', PasskeysPart);
