import type { Delivery, DeliveryList } from '../../../api/console-types';

const FILTERS = ['state', 'channel', 'user_id'] as const;
export type DeliveryFilter = Partial<Record<(typeof FILTERS)[number], string>>;

/** The filter that an address names. */
export function filterOf(search: string): DeliveryFilter {
  const query = new URLSearchParams(search);
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

/** The address of what was chosen; what was left empty is not named. */
export function searchOf(chosen: FormData): string {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = chosen.get(name);
    if (typeof value === 'string' && value.trim()) query.set(name, value.trim());
  }
  return query.size ? `?${query}` : '';
}

/**
 * A list brought up to date by its first page, which is newest first: what is on the page is as the page says, what
 * is older stays as it was read. Without a connection between both, the page stands alone, so that no gap is hidden.
 */
export function withPage(known: Delivery[] | null, knownCursor: string | null, page: DeliveryList): DeliveryList {
  const oldest = page.deliveries.at(-1)?.id;
  const at = known?.findIndex(({ id }) => id === oldest) ?? -1;
  if (!known || oldest === undefined || at === -1 || page.next_cursor === null) return page;
  const older = known.slice(at + 1);
  return { deliveries: [...page.deliveries, ...older], next_cursor: older.length ? knownCursor : page.next_cursor };
}
