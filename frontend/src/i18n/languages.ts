/** The thirteen languages by the profile's code, with their BCP 47 tags. */
export const LANGUAGES = {
  ca: 'ca',
  cn: 'zh-Hans',
  tw: 'zh-Hant',
  de: 'de',
  fr: 'fr',
  gl: 'gl',
  it: 'it',
  nl: 'nl',
  pt: 'pt',
  sl: 'sl',
  sv: 'sv',
  es: 'es',
  us: 'en-US',
} as const;

export type Language = keyof typeof LANGUAGES;

/** A made-up language that shows what is not translated and what does not fit. */
export const PSEUDO = 'pseudo';

export function isLanguage(code: string): code is Language {
  return Object.hasOwn(LANGUAGES, code);
}

export function tagOf(language: Language | typeof PSEUDO): string {
  return language === PSEUDO ? LANGUAGES.us : LANGUAGES[language];
}

/** The first wish that is one of ours, given as a profile code (`tw`) or a BCP 47 tag (`zh-TW`); else English. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): Language | typeof PSEUDO {
  for (const wish of wishes) {
    const found = wish && match(wish);
    if (found) return found;
  }
  return 'us';
}

function match(wish: string): Language | typeof PSEUDO | null {
  const code = wish.toLowerCase();
  if (code === PSEUDO || isLanguage(code)) return code;
  const [language = '', ...rest] = code.split(/[-_]/);
  if (language === 'en') return 'us';
  if (language === 'zh') return rest.some((part) => ['tw', 'hk', 'mo', 'hant'].includes(part)) ? 'tw' : 'cn';
  return isLanguage(language) ? language : null;
}
