import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Language } from './languages';
import type { Message } from './translator';

type Catalogue = Record<string, Record<string, Message>>;

const folder = `${import.meta.dirname}/../locales`;
const codes = Object.keys(LANGUAGES) as Language[];
const json = (path: string): unknown => JSON.parse(readFileSync(`${folder}/${path}.json`, 'utf8'));
const read = (code: string) =>
  ({ ...(json(code) as object), console: json(`console/${code}`), accounts: json(`accounts/${code}`) }) as Catalogue;
const flat = (catalogue: Catalogue): [string, Message][] =>
  Object.entries(catalogue).flatMap(([section, messages]) =>
    Object.entries(messages).map(([key, message]): [string, Message] => [`${section}.${key}`, message]),
  );
const english = new Map(flat(read('us')));
const formsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();

test.each(['', 'console', 'accounts'])('there is one catalogue for each language and no other (%j)', (part) => {
  const files = readdirSync(`${folder}/${part}`).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(codes.map((code) => `${code}.json`).sort());
});

describe.each(codes)('%s', (code) => {
  const messages = flat(read(code));
  const categories = new Intl.PluralRules(LANGUAGES[code]).resolvedOptions().pluralCategories.toSorted();

  test('has the keys of English, no fewer and no more', () => {
    expect(messages.map(([key]) => key).sort()).toEqual([...english.keys()].sort());
  });

  test('leaves no text empty', () => {
    const texts = messages.flatMap(([, message]) => formsOf(message));
    expect(texts.filter((text) => !text.trim())).toEqual([]);
  });

  test('has every plural form of the language', () => {
    const plurals = messages.filter(([key]) => typeof english.get(key) !== 'string');
    const wrong = plurals.filter(([, message]) => Object.keys(message).sort().join() !== categories.join());
    expect(wrong).toEqual([]);
  });

  test('keeps the placeholders of English', () => {
    const wrong = messages.filter(([key, message]) => {
      const [wanted] = formsOf(english.get(key) ?? '').slice(-1).map(placeholders);
      return formsOf(message).some((text) => placeholders(text) !== wanted);
    });
    expect(wrong).toEqual([]);
  });
});

test.each(codes.filter((code) => code !== 'us'))('%s is translated', (code) => {
  const same = flat(read(code)).filter(([key, message]) => JSON.stringify(message) === JSON.stringify(english.get(key)));
  // A few short words are the same by chance ("Code", "System"); a sixth of the catalogue is not chance.
  expect(same.length).toBeLessThan(english.size / 6);
});
