import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError } from '../../../api/client';
import { listMails, readMail, sendTestMail } from '../../../api/console';
import type { KeptMail, OpenedMail } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import { hrefOf } from '../../root';
import { session } from '../../session';
import { ConsolePage } from './console-page';
import type { ConsoleTranslator } from './console-speech';
import { renderMail, type MailTab } from './mail-view';
import { renderSkeleton, renderState } from './states';

const FIRST = 100;

/** Mail that is kept because no mail server is set: the list, and the mail that the address names. */
export class MailboxPage extends ConsolePage {
  protected readonly heading = 'mailbox';
  @state() private mails: KeptMail[] | null = null;
  @state() private keptAtMost = FIRST;
  @state() private isUsed = true;
  @state() private opened: OpenedMail | null = null;
  @state() private isGone = false;
  @state() private tab: MailTab = 'html';
  @state() private arrival = '';
  @state() private testMail: 'idle' | 'busy' | { refused: string } = 'idle';
  private limit = FIRST;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.follow);
    void this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.follow);
  }

  protected async load(): Promise<void> {
    try {
      const { mails, kept_at_most } = await listMails(this.api, this.limit);
      this.arrival = this.mails && mails[0] && mails[0].delivery_id !== this.mails[0]?.delivery_id ? mails[0].subject : '';
      this.mails = mails;
      this.keptAtMost = kept_at_most;
      this.isUsed = true;
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'mailbox_not_used')) throw error;
      this.isUsed = false;
    }
  }

  protected renderWith(c: ConsoleTranslator): TemplateResult {
    if (!this.isUsed) return renderState('mail', c('mailbox_not_used'), c('mailbox_not_used_hint'), this.toDeliveries(c));
    return html`<p class="notice with-icon">${icon('info')}<span>${c('mailbox_banner')}</span></p>
      <p class="visually-hidden" role="status">${this.arrival ? c('mail_arrived', { subject: this.arrival }) : nothing}</p>
      ${this.mails?.length === 0 && !this.chosen ? this.renderEmpty(c) : this.renderMails(c)}`;
  }

  private get chosen(): string | null {
    return new URLSearchParams(location.search).get('mail');
  }

  private toDeliveries(c: ConsoleTranslator): TemplateResult {
    return html`<a class="outlined" href=${hrefOf('/deliveries')} data-route>${c('see_deliveries')}</a>`;
  }

  private renderEmpty(c: ConsoleTranslator): TemplateResult {
    const isBusy = this.testMail === 'busy';
    const button = html`<button class="filled" aria-disabled=${isBusy} @click=${() => this.sendTest(c)}>
        ${c('send_test_mail')}
      </button>
      <div role="alert">
        ${typeof this.testMail === 'object' ? html`<p class="notice bad">${c('test_mail_refused', { reason: this.testMail.refused })}</p>` : nothing}
      </div>`;
    return renderState('mail', c('mailbox_empty'), c('mailbox_empty_hint'), button);
  }

  private renderMails(c: ConsoleTranslator): TemplateResult {
    return html`<div class="split ${this.chosen ? 'has-chosen' : ''}">
      <section class="panel choices" aria-label=${c('mails')}>
        ${this.mails ? html`<ul>${this.mails.map((mail) => this.renderRow(mail))}</ul>` : renderSkeleton(c)} ${this.renderMore(c)}
      </section>
      <section class="panel chosen" aria-label=${c('mail')}>${this.renderOpened(c)}</section>
    </div>`;
  }

  private renderRow(mail: KeptMail): TemplateResult {
    const isCurrent = mail.delivery_id === this.chosen;
    return html`<li>
      <a href=${hrefOf(`/mailbox?mail=${mail.delivery_id}`)} data-route aria-current=${isCurrent ? 'true' : nothing}>
        <strong dir="auto">${mail.subject}</strong>
        <span class="soft" dir="auto">${mail.to}</span>
        <span class="soft">${this.renderTime(mail.kept_at, '')}</span>
      </a>
    </li>`;
  }

  private renderMore(c: ConsoleTranslator): TemplateResult | typeof nothing {
    if (!this.mails || this.mails.length < this.limit || this.limit >= this.keptAtMost) return nothing;
    return html`<button class="outlined more" @click=${this.showMore}>${c('more')}</button>`;
  }

  private renderOpened(c: ConsoleTranslator): TemplateResult {
    if (this.isGone) return renderState('mail', c('mail_gone'), c('mail_gone_hint'));
    if (!this.opened) return this.chosen ? renderSkeleton(c) : renderState('mail', c('choose_mail'), c('choose_mail_hint'));
    const choose = (tab: MailTab): void => void (this.tab = tab);
    return renderMail({ c, api: this.api, mail: this.opened, tab: this.tab, choose });
  }

  private readonly showMore = (): Promise<void> => {
    this.limit = this.keptAtMost;
    return this.refresh();
  };

  /** Reads the mail that the address names now. */
  private readonly follow = async (): Promise<void> => {
    const { chosen } = this;
    if (chosen !== this.opened?.delivery_id) this.opened = null;
    this.isGone = false;
    this.requestUpdate();
    if (!chosen || this.opened) return;
    try {
      const mail = await readMail(this.api, chosen);
      if (chosen !== this.chosen) return;
      this.opened = mail;
      this.tab = mail.html === null && this.tab === 'html' ? 'text' : this.tab;
      await this.updateComplete;
      this.showChosen({ focus: 'always' });
    } catch (error) {
      if (chosen !== this.chosen) return;
      this.isGone = error instanceof ProblemError && [404, 422].includes(error.status);
      if (!this.isGone) this.failure = error;
    }
  };

  private async sendTest(c: ConsoleTranslator): Promise<void> {
    if (this.testMail === 'busy' || !session.me) return;
    this.testMail = 'busy';
    try {
      const refused = await sendTestMail(this.api, session.me.id, { title: c('test_mail_title'), message: c('test_mail_message') });
      this.testMail = refused === null ? 'idle' : { refused };
      await this.refresh();
    } catch (error) {
      this.failure = error;
      this.testMail = 'idle';
    }
  }
}

customElements.define('tidings-mailbox-page', MailboxPage);
