import { expect, test } from 'vitest';
import { factorsOf, halfFrom } from './second-factor';

test('a code is offered first, then a passkey, then a recovery code', () => {
  expect(factorsOf(['recovery_code', 'passkey', 'totp'], true)).toEqual(['totp', 'passkey', 'recovery_code']);
});

test('a browser without passkeys is not asked for one', () => {
  expect(factorsOf(['passkey', 'recovery_code'], false)).toEqual(['recovery_code']);
});

test('an account whose only way is one this browser lacks still gets a field', () => {
  expect(factorsOf(['passkey'], false)).toEqual(['totp']);
});

test('what a provider left behind the # begins the second step', () => {
  expect(halfFrom('#mfa_token=tdm_a%2Bb&methods=totp%2Crecovery_code')).toEqual({
    token: 'tdm_a+b',
    methods: ['totp', 'recovery_code'],
  });
});

test('any other # begins nothing', () => {
  expect(halfFrom('')).toBeNull();
  expect(halfFrom('#content')).toBeNull();
});
