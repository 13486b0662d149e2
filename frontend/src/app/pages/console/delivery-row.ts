import { html, nothing, type TemplateResult } from 'lit';
import type { DeliveryVerb } from '../../../api/console';
import type { Attempt, Delivery, DeliveryState } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import type { ConsoleKey } from '../../../i18n/console-catalogues';
import type { ConsoleTranslator } from './console-speech';
import { named } from './words';

export interface RowContext {
  c: ConsoleTranslator;
  delivery: Delivery;
  isOpen: boolean;
  time: (iso: string | null) => TemplateResult;
  toggle: () => void;
  ask: (verb: DeliveryVerb) => void;
}

const SYMBOLS: Record<DeliveryState, string> = {
  scheduled: 'clock',
  sending: 'up',
  handing_over: 'up',
  sent: 'check',
  delivered: 'checks',
  skipped: 'archive',
  cancelled: 'close',
  unknown: 'alert',
  dead: 'warning',
};

/** What may be done with a delivery in this state. */
export function verbOf(state: DeliveryState): DeliveryVerb | null {
  if (state === 'scheduled') return 'cancel';
  return ['dead', 'unknown', 'cancelled', 'skipped'].includes(state) ? 'retry' : null;
}

/** One delivery as a row, and the whole record below it when it is open. */
export function renderDelivery(context: RowContext): TemplateResult {
  const { c, delivery, isOpen, time, toggle } = context;
  const when = delivery.finished_at ?? delivery.due_at;
  return html`<tr role="row" class="row ${isOpen ? 'is-open' : ''}">
      <td role="cell" data-label=${c('state')}>
        <span class="badge ${delivery.state}">${icon(SYMBOLS[delivery.state])}${c(`state_${delivery.state}`)}</span>
      </td>
      <th role="rowheader" scope="row">
        <span dir="auto">${delivery.title ?? named(c, 'kind', delivery.kind)}</span>
        ${delivery.type ? html`<code>${delivery.type}</code>` : nothing}
      </th>
      <td role="cell" data-label=${c('recipient')} dir="auto">${recipientOf(delivery) ?? c('nobody')}</td>
      <td role="cell" data-label=${c('channel')}>${named(c, 'channel', delivery.channel)}</td>
      <td role="cell" data-label=${c('when')}>${time(when)}</td>
      <td role="cell" class="toggle">
        <button class="quiet" aria-expanded=${isOpen} aria-controls="delivery-${delivery.id}" @click=${toggle}>
          <span>${c('details')}</span>${icon('up')}
        </button>
      </td>
    </tr>
    ${isOpen ? renderRecord(context) : nothing}`;
}

/** How people know the recipient; null when nobody is known. */
export function recipientOf({ recipient, destination }: Delivery): string | null {
  const name = recipient?.name ?? recipient?.username ?? recipient?.external_id;
  return name ?? destination;
}

function renderRecord({ c, delivery, time, ask }: RowContext): TemplateResult {
  const facts: [ConsoleKey, TemplateResult | string | null][] = [
    ['why', delivery.reason && html`<code>${delivery.reason}</code>`],
    ['last_error', delivery.last_error],
    ['made', time(delivery.created_at)],
    ['due', delivery.state === 'scheduled' ? time(delivery.due_at) : null],
    ['finished', delivery.finished_at && time(delivery.finished_at)],
    ['expires', delivery.expires_at && time(delivery.expires_at)],
    ['destination', delivery.destination],
    ['provider', delivery.provider],
    ['provider_ref', delivery.provider_ref && html`<code>${delivery.provider_ref}</code>`],
    ['delivery_id', html`<code>${delivery.id}</code>`],
  ];
  const verb = verbOf(delivery.state);
  return html`<tr role="row" class="record" id="delivery-${delivery.id}">
    <td role="cell" colspan="6">
      <dl class="facts">
        ${facts.map(([label, value]) => (value ? html`<dt>${c(label)}</dt><dd dir="auto">${value}</dd>` : nothing))}
      </dl>
      <h2>${c('attempts')}</h2>
      ${delivery.attempts.length ? html`<ol class="attempts">${delivery.attempts.map((each) => renderAttempt(each, c, time))}</ol>` : html`<p class="soft">${c('no_attempts')}</p>`}
      ${verb ? html`<button class="outlined" @click=${() => ask(verb)}>${c(verb)}…</button>` : nothing}
    </td>
  </tr>`;
}

function renderAttempt({ at, outcome, provider, detail }: Attempt, c: ConsoleTranslator, time: RowContext['time']): TemplateResult {
  return html`<li>
    <strong>${named(c, 'outcome', outcome)}</strong> · ${time(at)}${provider ? html` · ${provider}` : nothing}
    ${detail ? html`<span class="soft" dir="auto">${detail}</span>` : nothing}
  </li>`;
}
