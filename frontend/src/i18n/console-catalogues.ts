import type us from '../locales/console/us.json';
import type { Language } from './languages';

export type ConsoleKey = Extract<keyof typeof us, string>;
type Loader = () => Promise<{ default: unknown }>;

/** The words of the console, apart from the others: who only reads an inbox never loads them. */
export const consoleLoaders: Record<Exclude<Language, 'us'>, Loader> = {
  ca: () => import('../locales/console/ca.json'),
  cn: () => import('../locales/console/cn.json'),
  tw: () => import('../locales/console/tw.json'),
  de: () => import('../locales/console/de.json'),
  fr: () => import('../locales/console/fr.json'),
  gl: () => import('../locales/console/gl.json'),
  it: () => import('../locales/console/it.json'),
  nl: () => import('../locales/console/nl.json'),
  pt: () => import('../locales/console/pt.json'),
  sl: () => import('../locales/console/sl.json'),
  sv: () => import('../locales/console/sv.json'),
  es: () => import('../locales/console/es.json'),
};
