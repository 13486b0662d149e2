import { expect, test } from 'vitest';
import type { TemplateList } from '../../../api/console-types';
import { addressOf, choiceOf } from './template-choice';

const list: TemplateList = {
  templates: [
    { name: 'system', key: 'system', group: 'type', channels: ['in_app', 'email'] },
    { name: 'letter:verify', key: 'verify', group: 'letter', channels: ['email'] },
  ],
  languages: ['us', 'de'],
};

test('an address names template, channel and language', () => {
  const choice = { name: 'system', channel: 'in_app', language: 'de' } as const;
  expect(choiceOf(new URL(addressOf(choice), 'https://tidings.example').search, list, 'us')).toEqual(choice);
});

test('without a wish it is the first template, richest channel, in the language of the reader', () => {
  expect(choiceOf('', list, 'de')).toEqual({ name: 'system', channel: 'email', language: 'de' });
});

test('what is not there is passed over', () => {
  const search = '?name=gone&channel=pigeon&language=xx';
  expect(choiceOf(search, list, 'pseudo')).toEqual({ name: 'system', channel: 'email', language: 'us' });
});

test('a channel that a template lacks is not chosen', () => {
  expect(choiceOf('?name=letter%3Averify&channel=in_app', list, 'us')?.channel).toBe('email');
});

test('where there are no templates, none is chosen', () => {
  expect(choiceOf('', { templates: [], languages: ['us'] }, 'us')).toBe(null);
});
