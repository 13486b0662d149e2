import { html, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ProblemError, UnreachableError } from '../../../api/client';
import { askForExport, exportAddress, readExport, removeExport, type Export } from '../../../api/own-data';
import { icon } from '../../../elements/icons';
import type { AccountKey } from '../../../i18n/account-catalogues';
import { Poll } from '../../poll';
import { session } from '../../session';
import { OwnPart } from '../own-part';
import { percent, renderProgress } from '../sending';
import { longTime } from '../times';
import { fileSize } from './file-size';

/** A copy of everything: asked for, made while one is elsewhere, downloaded, removed. */
export class ExportPart extends OwnPart {
  /** Null where there is none. */
  @property({ attribute: false }) copy: Export | null = null;
  /** The server cannot be asked how far it is. */
  @state() private isOffline = false;
  protected readonly poll = new Poll(this, 2, () => this.keepUp());

  override render() {
    const { a } = this;
    return this.renderPart(
      'export',
      a('data_export'),
      html`<p class="lead">${a('data_export_hint')}</p>
        ${this.renderState()} ${this.renderOutcome()}`,
    );
  }

  private renderState(): TemplateResult {
    switch (this.copy?.state) {
      case undefined:
        return this.renderButtons(this.renderAsk(this.a('data_export_ask'), 'filled'));
      case 'running':
        return this.renderRunning(this.copy);
      case 'ready':
        return this.renderReady(this.copy);
      case 'failed':
        return html`<p class="notice bad">${this.a('data_export_failed')}</p>
          ${this.renderButtons(this.renderAsk(this.t('retry'), 'outlined'))}`;
    }
  }

  private renderRunning({ progress }: Export): TemplateResult {
    const { a } = this;
    return html`${renderProgress(a('data_export_running', { part: percent(progress / 100, a.tag) }), progress / 100)}
      <p class="hint" role="status">${a(this.isOffline ? 'profile_offline_hint' : 'data_export_running_hint')}</p>
      ${this.renderButtons(this.renderRemove(a('profile_cancel'), 'data_export_cancelled'))}`;
  }

  private renderReady({ size, ready_at: readyAt, requested_at: requestedAt, expires_at: until }: Export): TemplateResult {
    const { a } = this;
    const made = longTime(readyAt ?? requestedAt, a.tag);
    return html`<div class="notice own-pending">
        ${icon('package')}
        <div>
          <p><strong>${a('data_export_ready')}</strong></p>
          <p class="hint">${a('data_export_ready_hint', { size: fileSize(size, a.tag), time: made, until: longTime(until, a.tag) })}</p>
        </div>
      </div>
      ${this.renderButtons(html`
        <a class="filled" href=${exportAddress(this.api)} download>${a('data_export_download')}</a>
        ${this.renderAsk(a('data_export_again'), 'outlined')}
        ${this.renderRemove(a('data_export_remove'), 'data_export_removed')}
      `)}`;
  }

  private renderButtons(buttons: TemplateResult): TemplateResult {
    return html`<div class="own-buttons start">${buttons}</div>`;
  }

  private renderAsk(label: string, kind: 'filled' | 'outlined'): TemplateResult {
    const ask = async (): Promise<void> => {
      const isDone = await this.act(async () => void (this.copy = await askForExport(this.api)));
      if (isDone) await this.goToTitle();
    };
    return html`<button class=${kind} aria-disabled=${this.attempt.isBusy} @click=${ask}>${label}</button>`;
  }

  private renderRemove(label: string, done: AccountKey): TemplateResult {
    const remove = async (): Promise<void> => {
      const isDone = await this.act(async () => {
        await removeExport(this.api);
        this.copy = null;
        return done;
      });
      if (isDone) await this.goToTitle();
    };
    return html`<button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${remove}>${label}</button>`;
  }

  /** Asks only while something is being made; what another tab has done meanwhile is seen at the next visit. */
  private async keepUp(): Promise<void> {
    const asked = this.copy;
    if (asked?.state !== 'running') return;
    try {
      const found = await readExport(this.api);
      this.isOffline = false;
      if (this.copy === asked) this.copy = found; // Else it was cancelled meanwhile.
    } catch (error) {
      this.isOffline = error instanceof UnreachableError;
      if (error instanceof ProblemError && error.status === 401) await session.load().catch(() => undefined);
    }
  }
}

customElements.define('tidings-export-part', ExportPart);
