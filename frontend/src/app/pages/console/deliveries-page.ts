import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { changeDelivery, listDeliveries, readSystem, type DeliveryVerb } from '../../../api/console';
import { CHANNELS, DELIVERY_STATES, type Delivery } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import { navigate } from '../../navigation';
import { hrefOf } from '../../root';
import { ConsolePage } from './console-page';
import type { ConsoleTranslator } from './console-speech';
import { filterOf, searchOf, withPage, type DeliveryFilter } from './delivery-list';
import { renderDelivery } from './delivery-row';
import { renderSkeleton, renderState } from './states';
import './delivery-dialog';
import type { DeliveryDialog } from './delivery-dialog';

/** What was sent and what was not; the address holds the filter, so that a list can be shared. */
export class DeliveriesPage extends ConsolePage {
  protected readonly heading = 'deliveries';
  @state() private deliveries: Delivery[] | null = null;
  @state() private nextCursor: string | null = null;
  @state() private failed = { dead: 0, unknown: 0 };
  @state() private open: ReadonlySet<string> = new Set();
  @state() private news = '';
  @state() private isLoadingMore = false;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.follow);
  }

  protected async load(): Promise<void> {
    const { search } = location;
    const [page, system] = await Promise.all([listDeliveries(this.api, { ...filterOf(search) }), readSystem(this.api)]);
    if (search !== location.search) return; // Another filter was chosen meanwhile.
    this.failed = system;
    const merged = withPage(this.deliveries, this.nextCursor, page);
    this.deliveries = merged.deliveries;
    this.nextCursor = merged.next_cursor;
  }

  protected renderWith(c: ConsoleTranslator): TemplateResult {
    return html`${this.renderFailed(c)} ${this.renderFilter(c)}
      <p class="visually-hidden" role="status">${this.news}</p>
      <div class="panel">${this.renderList(c)}</div>
      ${this.nextCursor === null
        ? nothing
        : html`<button class="outlined more" aria-disabled=${this.isLoadingMore} @click=${this.loadMore}>${c('more')}</button>`}
      <tidings-delivery-dialog .c=${c} .act=${this.act}></tidings-delivery-dialog>`;
  }

  private get filter(): DeliveryFilter {
    return filterOf(location.search);
  }

  /** What needs somebody is said before anything else. */
  private renderFailed(c: ConsoleTranslator): TemplateResult {
    const notices = (['dead', 'unknown'] as const).map((state) => {
      const count = this.failed[state];
      if (count === 0 || this.filter.state === state) return nothing;
      return html`<p class="notice bad with-icon">
        ${icon('warning')}<span>${c(`failed_${state}`, { count })}</span>
        <a href=${hrefOf(`/deliveries?state=${state}`)} data-route>${c('show_them')}</a>
      </p>`;
    });
    return html`${notices}`;
  }

  private renderFilter(c: ConsoleTranslator): TemplateResult {
    const { state, channel, user_id } = this.filter;
    // `selected` tells the first choice, while there are no options yet; `value` follows the address from then on.
    return html`<form class="filter" role="search" @submit=${this.choose}>
      <label>
        <span>${c('state')}</span>
        <select name="state" .value=${state ?? ''} @change=${this.choose}>
          <option value="">${c('all')}</option>
          ${DELIVERY_STATES.map((each) => html`<option value=${each} ?selected=${each === state}>${c(`state_${each}`)}</option>`)}
        </select>
      </label>
      <label>
        <span>${c('channel')}</span>
        <select name="channel" .value=${channel ?? ''} @change=${this.choose}>
          <option value="">${c('all')}</option>
          ${CHANNELS.map((each) => html`<option value=${each} ?selected=${each === channel}>${c(`channel_${each}`)}</option>`)}
        </select>
      </label>
      <label class="grow">
        <span>${c('recipient_id')}</span>
        <input name="user_id" type="search" maxlength="250" autocapitalize="none" spellcheck="false" .value=${user_id ?? ''} @change=${this.choose} />
      </label>
      <button class="outlined" type="button" @click=${() => this.refresh()}>${icon('restore')}${c('refresh')}</button>
    </form>`;
  }

  private renderList(c: ConsoleTranslator): TemplateResult {
    if (!this.deliveries) return renderSkeleton(c);
    if (this.deliveries.length === 0) {
      const isFiltered = location.search !== '';
      const all = html`<a class="outlined" href=${hrefOf('/deliveries')} data-route>${c('show_all')}</a>`;
      return renderState('package', c(isFiltered ? 'no_such_deliveries' : 'no_deliveries'), c(isFiltered ? 'no_such_deliveries_hint' : 'no_deliveries_hint'), isFiltered ? all : nothing);
    }
    const columns = ['state', 'what', 'recipient', 'channel', 'when'] as const;
    return html`<table class="cards" role="table">
      <caption class="visually-hidden">${this.t('deliveries')}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map((column) => html`<th role="columnheader" scope="col">${c(column)}</th>`)}
          <td role="cell"></td>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          this.deliveries,
          ({ id }) => id,
          (delivery) =>
            renderDelivery({
              c,
              delivery,
              isOpen: this.open.has(delivery.id),
              time: (iso) => this.renderTime(iso, c('never')),
              toggle: () => this.toggle(delivery.id),
              ask: (verb) => this.ask(delivery, verb),
            }),
        )}
      </tbody>
    </table>`;
  }

  private toggle(id: string): void {
    const open = new Set(this.open);
    if (!open.delete(id)) open.add(id);
    this.open = open;
  }

  private ask(delivery: Delivery, verb: DeliveryVerb): void {
    this.querySelector<DeliveryDialog>('tidings-delivery-dialog')?.ask(delivery, verb);
  }

  /** Carries out what was confirmed; what goes wrong is the dialog's to show. */
  private readonly act = async (delivery: Delivery, verb: DeliveryVerb, c: ConsoleTranslator): Promise<void> => {
    const changed = await changeDelivery(this.api, delivery.id, verb);
    this.deliveries = this.deliveries?.map((each) => (each.id === changed.id ? changed : each)) ?? null;
    this.news = c(verb === 'retry' ? 'is_retried' : 'is_cancelled');
  };

  private readonly choose = (event: Event): void => {
    event.preventDefault();
    const form = (event.target as HTMLElement).closest('form');
    const search = form ? searchOf(new FormData(form)) : location.search;
    // Enter both changes a field and submits: one step in the history is enough.
    if (search !== location.search) navigate(`/deliveries${search}`);
  };

  private readonly follow = (): void => {
    this.deliveries = null;
    this.nextCursor = null;
    void this.refresh();
  };

  private readonly loadMore = async (): Promise<void> => {
    if (this.isLoadingMore) return;
    const { search } = location;
    this.isLoadingMore = true;
    try {
      const page = await listDeliveries(this.api, { ...filterOf(search), cursor: this.nextCursor });
      if (search === location.search) {
        this.deliveries = [...(this.deliveries ?? []), ...page.deliveries];
        this.nextCursor = page.next_cursor;
      }
    } catch (error) {
      this.failure = error;
    }
    this.isLoadingMore = false;
  };
}

customElements.define('tidings-deliveries-page', DeliveriesPage);
