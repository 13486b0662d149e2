import { LANGUAGES, type Language } from '../i18n/languages';

/** A language's name in that language, written as a title. */
export function ownName(language: Language): string {
  const tag = LANGUAGES[language];
  // There is one English, so its country says nothing.
  const plain = tag === LANGUAGES.us ? 'en' : tag;
  const name = new Intl.DisplayNames(tag, { type: 'language' }).of(plain) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}
