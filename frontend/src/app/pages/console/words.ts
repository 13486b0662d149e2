import type { ConsoleKey } from '../../../i18n/console-catalogues';
import english from '../../../locales/console/us.json';
import type { ConsoleTranslator } from './console-speech';

/** The words for a stable code, or the code itself when a newer server knows more than this page. */
export function named(c: ConsoleTranslator, what: 'kind' | 'channel' | 'outcome' | 'run', code: string): string {
  const key = `${what}_${code}`;
  return isKey(key) ? c(key) : code;
}

function isKey(key: string): key is ConsoleKey {
  return Object.hasOwn(english, key);
}
