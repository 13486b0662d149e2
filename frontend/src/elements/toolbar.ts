import { html, nothing, type TemplateResult } from 'lit';
import { TABS, type Tab } from '../stream/inbox-state';
import { icon } from './icons';
import type { Command } from './keyboard';
import type { InboxTranslator } from './store-controller';

export interface ToolbarContext {
  t: InboxTranslator;
  tab: Tab;
  unread: number;
  choose: (tab: Tab) => void;
  run: (command: Command) => void;
}

/** The tabs, and the acts that are about the whole list. */
export function renderToolbar(context: ToolbarContext): TemplateResult {
  const { t, unread } = context;
  return html`<div class="toolbar" part="toolbar">
    <div class="tabs" role="tablist" aria-label=${t('tabs')} @keydown=${(event: KeyboardEvent) => press(event, context)}>
      ${TABS.map((tab) => renderTab(tab, context))}
    </div>
    <div class="all">
      ${renderCommand('read_all', 'checks', unread === 0, context)} ${renderCommand('help', 'keyboard', false, context)}
    </div>
  </div>`;
}

function renderTab(tab: Tab, { t, tab: selected, unread, choose }: ToolbarContext): TemplateResult {
  const isSelected = tab === selected;
  return html`<button
    id="tab-${tab}"
    role="tab"
    part="tab"
    aria-selected=${isSelected}
    aria-controls="panel"
    tabindex=${isSelected ? 0 : -1}
    @click=${() => choose(tab)}
  >
    ${t(`tab_${tab}`)}${tab === 'unread' && unread > 0 ? html`<span class="count">${unread}</span>` : nothing}
  </button>`;
}

function renderCommand(
  command: 'read_all' | 'help',
  symbol: string,
  isDisabled: boolean,
  { t, run }: ToolbarContext,
): TemplateResult {
  return html`<button
    class="quiet"
    title=${t(command)}
    aria-label=${t(command)}
    aria-disabled=${isDisabled}
    @click=${() => !isDisabled && run(command)}
  >
    ${icon(symbol)}
  </button>`;
}

function press(event: KeyboardEvent, { tab, choose }: ToolbarContext): void {
  const list = event.currentTarget as HTMLElement;
  const forward = getComputedStyle(list).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const at = TABS.indexOf(tab) + (event.key === forward ? 1 : -1);
  const next = TABS.at(at % TABS.length) ?? tab;
  choose(next);
  list.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
}
