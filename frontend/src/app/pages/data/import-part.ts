import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { takeExportIn, type Imported } from '../../../api/own-data';
import { session } from '../../session';
import { OwnPart } from '../own-part';
import { renderSending } from '../sending';
import { fileSize } from './file-size';

const SECTIONS = [
  'profile',
  'photo',
  'privacy',
  'preferences',
  'notifications',
  'sessions',
  'identities',
  'passkeys',
  'api_keys',
  'audit_log',
] as const;

/** Takes in what a copy of an account holds of somebody's decisions. */
export class ImportPart extends OwnPart {
  @state() private file: File | null = null;
  @state() private sent: number | null = null;
  @state() private done: Imported | null = null;

  override render() {
    const { a } = this;
    return this.renderPart(
      'import',
      a('data_import'),
      html`<p class="lead">${a('data_import_hint')}</p>
        ${this.file ? this.renderQuestion(this.file) : this.renderChoice()}
        ${this.sent === null ? nothing : renderSending(a, this.sent)} ${this.renderOutcome()}
        <div role="status">${this.done ? this.renderDone(this.done) : nothing}</div>`,
    );
  }

  private renderChoice(): TemplateResult {
    return html`<div class="own-buttons start">
      <input id="archive" class="visually-hidden" type="file" accept=".zip,application/zip" @change=${this.choose} />
      <label class="outlined own-file" for="archive">${this.a('data_import_choose')}</label>
    </div>`;
  }

  private renderQuestion(file: File): TemplateResult {
    const { a } = this;
    return html`<p class="own-line"><strong dir="auto">${file.name}</strong><span class="hint">${fileSize(file.size, a.tag)}</span></p>
      <p>${a('data_import_question')}</p>
      <div class="own-buttons start">
        <button class="filled" aria-disabled=${this.attempt.isBusy} @click=${() => this.takeIn(file)}>
          ${this.attempt.isBusy ? a('working') : a('data_import_start')}
        </button>
        <button class="outlined" @click=${this.cancel}>${a('profile_cancel')}</button>
      </div>`;
  }

  private renderDone({ imported, left_out: leftOut }: Imported): TemplateResult {
    const { a } = this;
    return html`<div class="notice">
      <p>${a('data_import_done', { sections: this.listed(Object.keys(imported)) })}</p>
      ${leftOut.length ? html`<p class="hint">${a('data_import_left', { sections: this.listed(leftOut) })}</p>` : nothing}
    </div>`;
  }

  /** Sections by their names; one of a newer server keeps the name it has there. */
  private listed(sections: string[]): string {
    const named = sections.map((section) => {
      const known = SECTIONS.find((each) => each === section);
      return known ? this.a(`data_section_${known}`) : section;
    });
    return new Intl.ListFormat(this.a.tag, { type: 'conjunction' }).format(named);
  }

  private async choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    this.file = input.files?.[0] ?? null;
    input.value = '';
    this.attempt.forget();
    this.done = null;
    await this.updateComplete;
    this.querySelector<HTMLElement>('button.filled')?.focus();
  }

  private async takeIn(file: File): Promise<void> {
    const isDone = await this.act(async () => {
      this.sent = 0;
      this.done = await takeExportIn(this.api, file, (part) => (this.sent = part)).finally(() => (this.sent = null));
      await session.load(); // The language may be another one now.
    });
    if (!isDone) return;
    this.file = null;
    await this.goToTitle();
  }

  private async cancel(): Promise<void> {
    this.file = null;
    this.attempt.forget();
    await this.updateComplete;
    this.querySelector<HTMLElement>('#archive')?.focus();
  }
}

customElements.define('tidings-import-part', ImportPart);
