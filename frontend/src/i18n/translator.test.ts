import { expect, test } from 'vitest';
import { chooseLanguage } from './languages';
import { pseudo } from './pseudo';
import { translator } from './translator';

const english = { hello: 'Hello, {name}', new: { one: '{count} new', other: '{count} new ones' } };

test('placeholders are filled in', () => {
  expect(translator(english, 'en-US')('hello', { name: 'Ada' })).toBe('Hello, Ada');
});

test('the count chooses the plural form', () => {
  const t = translator(english, 'en-US');
  expect([t('new', { count: 1 }), t('new', { count: 2 })]).toEqual(['1 new', '2 new ones']);
});

test('numbers are written as the language writes them', () => {
  expect(translator(english, 'de')('new', { count: 1_234 })).toBe('1.234 new ones');
});

test('a language with a dual uses it', () => {
  const slovene = { new: { one: 'novo', two: 'novi', few: 'nova', other: 'novih' } };
  const t = translator(slovene, 'sl');
  expect([1, 2, 3, 5].map((count) => t('new', { count }))).toEqual(['novo', 'novi', 'nova', 'novih']);
});

test('the pseudo-locale marks the text and keeps the placeholders', () => {
  const text = pseudo(english).hello;
  expect(text).toMatch(/^\[.*\{name\}.*\]$/);
  expect(text).not.toContain('Hello');
});

test('a profile code is a language', () => {
  expect(chooseLanguage(['tw'])).toBe('tw');
});

test.each([
  ['de-AT', 'de'],
  ['en-GB', 'us'],
  ['zh-CN', 'cn'],
  ['zh-Hant-HK', 'tw'],
  ['pt-BR', 'pt'],
])('the browser language %s is understood as %s', (tag, code) => {
  expect(chooseLanguage([tag])).toBe(code);
});

test('the first wish that we speak wins', () => {
  expect(chooseLanguage([null, 'ja', 'sl', 'de'])).toBe('sl');
});

test('English is spoken when no wish can be met', () => {
  expect(chooseLanguage(['ja'])).toBe('us');
});
