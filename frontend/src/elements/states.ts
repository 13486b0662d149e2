import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionState } from '../stream/connection';
import type { Tab } from '../stream/inbox-state';
import { icon } from './icons';
import type { InboxTranslator } from './store-controller';

const SKELETON_ROWS = [0, 1, 2, 3, 4];

/** Rows of the size that entries will have, so that nothing jumps when they come. */
export function renderSkeleton(t: InboxTranslator, isTranslated: boolean): TemplateResult {
  const row = html`<div class="entry skeleton" aria-hidden="true">
    <span class="dot"></span><span class="tile"></span>
    <div class="body"><span class="bar short"></span><span class="bar"></span></div>
  </div>`;
  return html`<span class="visually-hidden">${isTranslated ? t('loading') : nothing}</span>${SKELETON_ROWS.map(() => row)}`;
}

/** An empty tab says why, and what to do next. */
export function renderEmpty(t: InboxTranslator, tab: Tab, next: () => void): TemplateResult {
  const symbol = { all: 'bell', unread: 'checks', dismissed: 'archive' }[tab];
  return renderState(symbol, t(`empty_${tab}`), t(`empty_${tab}_hint`), tab === 'all' ? t('check_again') : t('show_all'), next);
}

export function renderError(t: InboxTranslator, retry: () => void): TemplateResult {
  return renderState('warning', t('error'), t('error_hint'), t('retry'), retry);
}

/** Says that the list is not live, and offers to connect; nothing while all is well. */
export function renderConnection(
  t: InboxTranslator,
  connection: ConnectionState,
  isOnline: boolean,
  connect: () => void,
): TemplateResult | typeof nothing {
  const text = !isOnline ? t('offline') : connection === 'stopped' ? t('stopped') : connection === 'waiting' ? t('reconnecting') : null;
  if (text === null) return nothing;
  const button = html`<button class="outlined" @click=${connect}>${t('connect')}</button>`;
  return html`<div class="banner" part="banner">${icon('offline')}<span>${text}</span>${isOnline ? button : nothing}</div>`;
}

function renderState(symbol: string, title: string, hint: string, label: string, next: () => void): TemplateResult {
  return html`<div class="state" part="state">
    <span class="seal">${icon(symbol)}</span>
    <strong>${title}</strong>
    <span>${hint}</span>
    <button class="outlined" @click=${next}>${label}</button>
  </div>`;
}
