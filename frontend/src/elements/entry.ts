import { html, nothing, type TemplateResult } from 'lit';
import type { Notification } from '../api/types';
import type { Key } from '../i18n/catalogues';
import { isUnread } from '../stream/inbox-state';
import { icon } from './icons';
import { inlineMarkdown } from './inline-markdown';
import { absoluteTime, relativeTime } from './relative-time';
import { safeLink } from './safe-link';
import type { InboxTranslator } from './store-controller';

export type EntryAct = 'open' | 'action' | 'toggle_read' | 'snooze' | 'dismiss' | 'restore';

export interface EntryContext {
  t: InboxTranslator;
  server: string;
  now: Date;
  position: number;
  /** How many there are in all; -1 while there may be more. */
  size: number;
  /** The entry that holds the place of the keyboard in the list. */
  isCurrent: boolean;
  isMenuOpen: boolean;
  act: (act: EntryAct, entry: Notification, event?: Event) => void;
  snooze: (entry: Notification, until: string | null) => void;
}

/** One notification as an article of the feed. */
export function renderEntry(entry: Notification, context: EntryContext): TemplateResult {
  const { t, position, size, isCurrent } = context;
  const id = entry.id;
  return html`<article
    class="entry ${isUnread(entry) ? 'unread' : ''}"
    part="entry ${isUnread(entry) ? 'unread' : 'read'}"
    data-id=${id}
    tabindex=${isCurrent ? 0 : -1}
    aria-posinset=${position}
    aria-setsize=${size}
    aria-labelledby="state-${id} title-${id}"
    aria-describedby="message-${id} meta-${id}"
  >
    <span class="dot"></span><span class="visually-hidden" id="state-${id}">${isUnread(entry) ? t('is_unread') : ''}</span>
    <span class="tile" part="icon">${icon(entry.icon ?? 'bell')}</span>
    <div class="body">
      <div class="line">${renderTitle(entry, context)} ${renderTime(entry, context)}</div>
      <p class="message" part="message" dir="auto" id="message-${id}">${inlineMarkdown(entry.message, context.server)}</p>
      <p class="meta" id="meta-${id}">${renderPriority(entry, t)} ${renderOrigin(entry, t)}</p>
      ${renderAction(entry, context)}
    </div>
    <div class="tools" part="tools">${renderTools(entry, context)}</div>
    ${context.isMenuOpen ? renderMenu(entry, context) : nothing}
  </article>`;
}

function renderTitle(entry: Notification, { act, isCurrent, server }: EntryContext): TemplateResult {
  const open = (event: Event) => act('open', entry, event);
  const href = safeLink(entry.action_url, server);
  const tab = isCurrent ? 0 : -1;
  const title = html`<span id="title-${entry.id}" dir="auto">${entry.title}</span>`;
  return href
    ? html`<a class="title" part="title" href=${href} tabindex=${tab} @click=${open}>${title}</a>`
    : html`<button class="title" part="title" tabindex=${tab} @click=${open}>${title}</button>`;
}

function renderTime(entry: Notification, { t, now }: EntryContext): TemplateResult {
  return html`<time datetime=${entry.created_at} title=${absoluteTime(entry.created_at, t.tag)}
    >${relativeTime(entry.created_at, t.tag, now)}</time
  >`;
}

function renderPriority(entry: Notification, t: InboxTranslator): TemplateResult | typeof nothing {
  if (entry.priority !== 'high' && entry.priority !== 'urgent') return nothing;
  return html`<span class="priority ${entry.priority}">${icon('warning')}${t(`priority_${entry.priority}`)}</span>`;
}

function renderOrigin(entry: Notification, t: InboxTranslator): TemplateResult {
  return html`${entry.actor?.name ? html`<span class="actor">${entry.actor.name}</span>` : nothing}
  ${entry.reason ? html`<span title=${t('why')}><span class="visually-hidden">${t('why')}: </span>${entry.reason}</span>` : nothing}`;
}

function renderAction(entry: Notification, { act, isCurrent, server }: EntryContext): TemplateResult | typeof nothing {
  const href = safeLink(entry.action_url, server);
  if (!href || !entry.action_text) return nothing;
  return html`<a
    class="button outlined action"
    part="action"
    href=${href}
    tabindex=${isCurrent ? 0 : -1}
    @click=${(event: Event) => act('action', entry, event)}
    >${entry.action_text}</a
  >`;
}

function renderTools(entry: Notification, context: EntryContext): TemplateResult {
  if (entry.is_dismissed) return html`${renderTool('restore', 'restore', 'restore', entry, context)}`;
  const read: [Key<'inbox'>, string] = entry.is_read ? ['unread', 'dot'] : ['read', 'check'];
  return html`${renderTool('toggle_read', ...read, entry, context)}
  ${renderTool('snooze', 'snooze', 'clock', entry, context)}
  ${renderTool('dismiss', 'dismiss', 'close', entry, context)}`;
}

function renderTool(
  act: EntryAct,
  label: Key<'inbox'>,
  symbol: string,
  entry: Notification,
  context: EntryContext,
): TemplateResult {
  return html`<button
    class="quiet"
    title=${context.t(label)}
    aria-label=${context.t(label)}
    aria-haspopup=${act === 'snooze' ? 'menu' : nothing}
    aria-expanded=${act === 'snooze' ? String(context.isMenuOpen) : nothing}
    tabindex=${context.isCurrent ? 0 : -1}
    @click=${(event: Event) => context.act(act, entry, event)}
  >
    ${icon(symbol)}
  </button>`;
}

function renderMenu(entry: Notification, { t, snooze }: EntryContext): TemplateResult {
  return html`<tidings-snooze-menu
    .t=${t}
    @choose=${(event: CustomEvent<string>) => snooze(entry, event.detail)}
    @close=${() => snooze(entry, null)}
  ></tidings-snooze-menu>`;
}
