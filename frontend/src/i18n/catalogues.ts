import type us from '../locales/us.json';
import { type Language } from './languages';

export type Catalogue = typeof us;
export type Section = keyof Catalogue;
export type Key<S extends Section> = Extract<keyof Catalogue[S], string>;
type Loader = () => Promise<{ default: unknown }>;

/** Each language is a file of its own, loaded when it is chosen. English comes with the program. */
export const loaders: Record<Exclude<Language, 'us'>, Loader> = {
  ca: () => import('../locales/ca.json'),
  cn: () => import('../locales/cn.json'),
  tw: () => import('../locales/tw.json'),
  de: () => import('../locales/de.json'),
  fr: () => import('../locales/fr.json'),
  gl: () => import('../locales/gl.json'),
  it: () => import('../locales/it.json'),
  nl: () => import('../locales/nl.json'),
  pt: () => import('../locales/pt.json'),
  sl: () => import('../locales/sl.json'),
  sv: () => import('../locales/sv.json'),
  es: () => import('../locales/es.json'),
};
