import { expect, test } from 'vitest';
import { DELIVERY_STATES } from '../../../api/console-types';
import { translator } from '../../../i18n/translator';
import english from '../../../locales/console/us.json';
import { delivery } from '../../../testing';
import { recipientOf, verbOf } from './delivery-row';
import { named } from './words';

const c = translator(english, 'en-US');

test('only what waits is cancelled, and only what ended unsent is sent again', () => {
  const verbs = Object.fromEntries(DELIVERY_STATES.map((state) => [state, verbOf(state)]));
  expect(verbs).toEqual({
    scheduled: 'cancel',
    sending: null,
    handing_over: null,
    sent: null,
    delivered: null,
    skipped: 'retry',
    cancelled: 'retry',
    unknown: 'retry',
    dead: 'retry',
  });
});

test('a recipient is called by their name, else by what is known of them', () => {
  const ada = { id: '1', name: 'Ada', username: 'ada', external_id: 'u-1' };
  expect(recipientOf(delivery({ recipient: ada }))).toBe('Ada');
  expect(recipientOf(delivery({ recipient: { ...ada, name: null } }))).toBe('ada');
  expect(recipientOf(delivery({ recipient: { ...ada, name: null, username: null } }))).toBe('u-1');
  expect(recipientOf(delivery({ recipient: null, destination: 'new@example.org' }))).toBe('new@example.org');
  expect(recipientOf(delivery({ recipient: null }))).toBe(null);
});

test('a code that this page does not know yet is shown as it is', () => {
  expect(named(c, 'channel', 'email')).toBe('E-mail');
  expect(named(c, 'channel', 'pigeon')).toBe('pigeon');
});
