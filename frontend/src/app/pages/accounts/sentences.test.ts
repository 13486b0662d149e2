import { expect, test } from 'vitest';
import { ProblemError, UnreachableError } from '../../../api/client';
import type { Problem, PublicSettings } from '../../../api/types';
import { translator } from '../../../i18n/translator';
import accounts from '../../../locales/accounts/us.json';
import { app } from '../../../locales/us.json';
import { PasskeyAtHand, PasskeyNotMade } from '../../passkeys';
import { complaints, isDeadLink, passwordLength, sentence } from './sentences';

const a = translator(accounts, 'en-US');
const t = translator(app, 'en-US');

function refusal(code: string, more: Partial<Problem> = {}): ProblemError {
  return new ProblemError({ type: 'about:blank', title: '', status: 422, code, ...more });
}

function settings(more: Partial<PublicSettings>): PublicSettings {
  return {
    signup_enabled: true,
    local_login_enabled: true,
    public_shareable_links: false,
    public_shareable_links_user_info: false,
    login_photo_url: null,
    password_type: 'nist',
    password_length_regular_users: 10,
    password_length_admin_users: 20,
    password_length_with_mfa: null,
    ...more,
  };
}

test('a password refused for two reasons is told both, each in the language of the page', () => {
  const errors = [
    { pointer: '/new_password', code: 'password_too_short', detail: 'Server words.' },
    { pointer: '/new_password', code: 'password_too_common', detail: 'Server words.' },
  ];
  expect(complaints(refusal('password_refused', { errors }), a, 15)).toEqual({
    new_password:
      'The password is too short: it needs at least 15 characters. This password is among those that are tried first.',
  });
});

test('what would be better comes after everything that is wrong, and once', () => {
  const advice = ['dates', 'add_words', 'made_up_later'];
  const errors = [
    { pointer: '/password', code: 'password_too_short', detail: 'Server words.', advice },
    { pointer: '/password', code: 'password_too_common', detail: 'Server words.', advice },
  ];
  expect(complaints(refusal('password_refused', { errors }), a, 15)['password']).toBe(
    [
      a('fault_password_too_short', { count: 15 }),
      accounts.fault_password_too_common,
      accounts.advice_dates,
      accounts.advice_add_words,
    ].join(' '),
  );
});

test('a password too short for any account reads as one too short for this one', () => {
  const errors = [{ pointer: '/password', code: 'string_too_short', detail: 'String should have at least 8 characters' }];
  expect(complaints(refusal('invalid_request', { errors }), a, 15)['password']).toContain('at least 15 characters');
});

test('a name too short is no password', () => {
  const errors = [{ pointer: '/name', code: 'string_too_short', detail: 'String should have at least 1 character' }];
  expect(complaints(refusal('invalid_request', { errors }), a, 15)).toEqual({ name: 'String should have at least 1 character' });
});

test.each([
  ['too_many_attempts', accounts.error_too_many_attempts],
  ['rate_limited', accounts.error_too_many_attempts],
  ['identity_provider_not_found', accounts.error_sso_disabled],
  ['token_invalid', accounts.error_sign_in_expired],
  ['session_not_found', accounts.error_gone],
])('%s is said in our words', (code, words) => {
  expect(sentence(refusal(code, { detail: 'Server words.' }), a, t)).toBe(words);
});

test('what a newer server refuses is said in its words', () => {
  expect(sentence(refusal('made_up_later', { detail: 'Server words.' }), a, t)).toBe('Server words.');
  expect(sentence(refusal('made_up_later'), a, t)).toBe(app.unexpected);
});

test('a passkey that was not given and a server out of reach are told apart', () => {
  expect(sentence(new DOMException('', 'NotAllowedError'), a, t)).toBe(accounts.passkey_failed);
  expect(sentence(new UnreachableError(), a, t)).toBe(app.unreachable);
});

test('only a token that no longer holds is a dead link', () => {
  expect(isDeadLink(refusal('token_invalid'))).toBe(true);
  expect(isDeadLink(refusal('busy'))).toBe(false);
  expect(isDeadLink(null)).toBe(false);
});

test('how long a password must be is what the server says of whom it is for', () => {
  const ada = { access_type: 'regular', mfa_enabled: true } as const;
  expect(passwordLength(settings({}), 'regular')).toBe(10);
  expect(passwordLength(settings({}), 'unknown')).toBe(20);
  expect(passwordLength(settings({}), ada)).toBe(10);
  expect(passwordLength(settings({}), { ...ada, access_type: 'admin' })).toBe(20);
  expect(passwordLength(settings({ password_length_with_mfa: 8 }), ada)).toBe(8);
  expect(passwordLength(settings({ password_length_with_mfa: 8 }), { ...ada, mfa_enabled: false })).toBe(10);
});

test('a passkey that was not made is not one that was not used', () => {
  expect(sentence(new PasskeyNotMade(), a, t)).toBe(accounts.security_passkey_not_made);
  expect(sentence(new PasskeyAtHand(), a, t)).toBe(accounts.error_passkey_known);
});
