import { loaders, type Key, type Section } from './catalogues';
import { PSEUDO, tagOf, type Language } from './languages';
import { translator, type Messages, type Translator } from './translator';

/** One section of a language. A language that cannot be loaded falls back to the English that is at hand. */
export function loadTranslator<S extends Section>(
  section: S,
  language: Language | typeof PSEUDO,
  english: Messages<Key<S>>,
): Promise<Translator<Key<S>>> {
  // The catalogue test proves that every language has the keys of English.
  return loadFrom(
    async (code) => ((await loaders[code]()).default as Record<S, Messages<Key<S>>>)[section],
    language,
    english,
  );
}

/** The same for words that stand elsewhere: `read` brings those of a language. */
export async function loadFrom<K extends string>(
  read: (language: Exclude<Language, 'us'>) => Promise<Messages<K>>,
  language: Language | typeof PSEUDO,
  english: Messages<K>,
): Promise<Translator<K>> {
  const messages = await messagesOf(read, language, english).catch(() => english);
  return translator(messages, messages === english ? tagOf('us') : tagOf(language));
}

async function messagesOf<K extends string>(
  read: (language: Exclude<Language, 'us'>) => Promise<Messages<K>>,
  language: Language | typeof PSEUDO,
  english: Messages<K>,
): Promise<Messages<K>> {
  if (language === 'us') return english;
  if (language === PSEUDO) return (await import('./pseudo')).pseudo(english);
  return read(language);
}
