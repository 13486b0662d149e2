import type us from '../locales/accounts/us.json';
import type { Language } from './languages';

export type AccountKey = Extract<keyof typeof us, string>;
type Loader = () => Promise<{ default: unknown }>;

/** The words of the pages before and around signing in, apart from the others: inboxes never load them. */
export const accountLoaders: Record<Exclude<Language, 'us'>, Loader> = {
  ca: () => import('../locales/accounts/ca.json'),
  cn: () => import('../locales/accounts/cn.json'),
  tw: () => import('../locales/accounts/tw.json'),
  de: () => import('../locales/accounts/de.json'),
  fr: () => import('../locales/accounts/fr.json'),
  gl: () => import('../locales/accounts/gl.json'),
  it: () => import('../locales/accounts/it.json'),
  nl: () => import('../locales/accounts/nl.json'),
  pt: () => import('../locales/accounts/pt.json'),
  sl: () => import('../locales/accounts/sl.json'),
  sv: () => import('../locales/accounts/sv.json'),
  es: () => import('../locales/accounts/es.json'),
};
