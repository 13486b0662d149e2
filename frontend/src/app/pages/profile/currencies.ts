import type { CURRENCIES } from '../../../api/profile';

const CODES = { euro: 'EUR', dollar: 'USD', pound: 'GBP' } as const;

/** What a currency is called in this language. */
export function currencyName(currency: (typeof CURRENCIES)[number], tag: string): string {
  return new Intl.DisplayNames(tag, { type: 'currency' }).of(CODES[currency]) ?? currency;
}
