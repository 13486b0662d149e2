import { html, nothing, type TemplateResult } from 'lit';
import type { Api } from '../../../api/client';
import { mailAddress } from '../../../api/console';
import type { OpenedMail } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import { hrefOf } from '../../root';
import { renderTabs } from '../../tabs';
import type { ConsoleTranslator } from './console-speech';

export type MailTab = 'html' | 'text' | 'headers';

export interface MailContext {
  c: ConsoleTranslator;
  api: Api;
  mail: OpenedMail;
  tab: MailTab;
  choose: (tab: MailTab) => void;
}

/** One mail: whom it is from and for, and its content in the chosen form. */
export function renderMail(context: MailContext): TemplateResult {
  const { c, api, mail, tab, choose } = context;
  const shown: MailTab[] = mail.html === null ? ['text', 'headers'] : ['html', 'text', 'headers'];
  return html`<a class="back" href=${hrefOf('/mailbox')} data-route>${icon('up')}${c('all_mails')}</a>
    <div class="chosen-head">
      <h2 tabindex="-1" dir="auto">${headerOf(mail, 'Subject')}</h2>
      <dl class="facts">
        ${(['From', 'To', 'Date'] as const).map((name) => html`<dt>${c(`header_${name}`)}</dt><dd dir="auto">${headerOf(mail, name)}</dd>`)}
      </dl>
      <a class="outlined" href=${mailAddress(api, mail.delivery_id, 'raw')} download>${icon('download')}${c('download')}</a>
    </div>
    ${renderTabs({ name: 'mail', label: c('show_mail_as'), tabs: shown.map((tab) => ({ tab, label: c(`tab_${tab}`) })), selected: tab, choose })}
    <div id="mail-panel" class="chosen-panel" role="tabpanel" aria-labelledby="mail-${tab}" tabindex=${tab === 'html' ? nothing : 0}>
      ${renderPart(context)}
    </div>`;
}

/** The first header of this name; names do not care about case (RFC 5322 §1.2.2). */
export function headerOf(mail: OpenedMail, name: string): string {
  return mail.headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value ?? '';
}

function renderPart({ c, api, mail, tab }: MailContext): TemplateResult {
  if (tab === 'html') return renderFrame(mailAddress(api, mail.delivery_id, 'html'), c('mail_as_html'));
  if (tab === 'text') return html`<pre dir="auto">${mail.text}</pre>`;
  return html`<dl class="facts headers">
    ${mail.headers.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`;
}

/** A document of its own that runs no script and may go nowhere; its links open apart. */
export function renderFrame(address: string, title: string): TemplateResult {
  return html`<iframe class="mail-frame" sandbox="allow-popups allow-popups-to-escape-sandbox" src=${address} title=${title}></iframe>`;
}
