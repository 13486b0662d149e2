import { html, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { icon } from '../../../elements/icons';
import { renderCopying } from './copying';
import { InlineForm } from './inline-form';
import { fileOf } from './secrets';

/** Codes that are shown this once, and the ways to keep them. */
export class RecoveryCodes extends InlineForm {
  @property({ attribute: false }) codes: readonly string[] = [];
  /** It stands under the title of the page, and not in a part of it. */
  @property({ type: Boolean }) alone = false;
  @state() private isCopied = false;

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('[tabindex]')?.focus();
  }

  override render(): TemplateResult {
    const { a, codes, isCopied } = this;
    const title = a('security_codes_title');
    return html`<div class="kept-codes">
      ${this.alone ? html`<h2 tabindex="-1">${title}</h2>` : html`<h3 tabindex="-1">${title}</h3>`}
      <p>${a('security_codes_hint')}</p>
      <ul class="codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      <div class="own-buttons">
        ${renderCopying(a, { text: codes.join('\n'), isCopied, done: (is) => (this.isCopied = is) })}
        <button class="outlined" @click=${this.download}>${icon('download')}${a('security_download')}</button>
        <button class="outlined" @click=${() => window.print()}>${a('security_print')}</button>
        <button class="filled" @click=${() => this.tell('done')}>${a('security_codes_kept')}</button>
      </div>
    </div>`;
  }

  private download(): void {
    const file = fileOf(this.codes, this.a('security_codes_file', { place: location.host }));
    const address = URL.createObjectURL(file);
    Object.assign(document.createElement('a'), { href: address, download: 'tidings-recovery-codes.txt' }).click();
    URL.revokeObjectURL(address);
  }
}

customElements.define('tidings-recovery-codes', RecoveryCodes);
