import type { TemplateList } from '../../../api/console-types';
import { isLanguage, type Language } from '../../../i18n/languages';

/** Which template is looked at, for which channel and in which language. */
export interface Choice {
  name: string;
  channel: string;
  language: Language;
}

/** What an address names; where it names nothing that is there, the first template in the reader's language. */
export function choiceOf(search: string, { templates, languages }: TemplateList, reader: string): Choice | null {
  const query = new URLSearchParams(search);
  const template = templates.find(({ name }) => name === query.get('name')) ?? templates[0];
  if (!template) return null;
  const language = [query.get('language'), reader].find((wish) => wish && languages.includes(wish) && isLanguage(wish));
  const channel = template.channels.find((each) => each === query.get('channel')) ?? template.channels.at(-1) ?? '';
  return { name: template.name, channel, language: (language ?? 'us') as Language };
}

/** The address of a choice; what is not chosen is left to the page. */
export function addressOf({ name, channel, language }: { name: string; channel?: string | null; language?: string | null }): string {
  const query = new URLSearchParams({ name });
  if (channel) query.set('channel', channel);
  if (language) query.set('language', language);
  return `/templates?${query}`;
}
