import { loaders, type Key, type Section } from './catalogues';
import { PSEUDO, tagOf, type Language } from './languages';
import { translator, type Messages, type Translator } from './translator';

/** One section of a language. A language that cannot be loaded falls back to the English that is at hand. */
export async function loadTranslator<S extends Section>(
  section: S,
  language: Language | typeof PSEUDO,
  english: Messages<Key<S>>,
): Promise<Translator<Key<S>>> {
  const messages = await messagesOf(section, language, english).catch(() => english);
  return translator(messages, messages === english ? tagOf('us') : tagOf(language));
}

async function messagesOf<S extends Section>(
  section: S,
  language: Language | typeof PSEUDO,
  english: Messages<Key<S>>,
): Promise<Messages<Key<S>>> {
  if (language === 'us') return english;
  if (language === PSEUDO) return (await import('./pseudo')).pseudo(english);
  // The catalogue test proves that every language has the keys of English.
  const catalogue = (await loaders[language]()).default as Record<S, Messages<Key<S>>>;
  return catalogue[section];
}
