import { expect, test } from 'vitest';
import type { Me } from '../api/types';
import { detour } from './duties';

function somebody(more: Partial<Me> = {}): Me {
  return {
    id: 'ada',
    name: 'Ada',
    username: 'ada',
    email: 'ada@example.org',
    preferred_language: 'us',
    access_type: 'regular',
    has_password: true,
    mfa_enabled: false,
    password_must_change: false,
    mfa_setup_required: false,
    ...more,
  };
}

const given = { password_must_change: true };
const lacking = { mfa_setup_required: true };

test('who owes nothing stays', () => {
  expect(detour(somebody(), '/inbox', '?tab=unread')).toBeNull();
});

test('who owes something goes there first, and it is kept where they wanted to go', () => {
  expect(detour(somebody(given), '/inbox', '?tab=unread')).toBe('/choose-password?next=%2Finbox%3Ftab%3Dunread');
  expect(detour(somebody(lacking), '/mailbox', '')).toBe('/second-step?next=%2Fmailbox');
});

test('the password comes first, and from it the way leads to the second step', () => {
  expect(detour(somebody({ ...given, ...lacking }), '/second-step', '?next=%2Fdata')).toBe('/choose-password?next=%2Fdata');
  expect(detour(somebody(lacking), '/choose-password', '?next=%2Fdata')).toBe('/second-step?next=%2Fdata');
});

test('where a duty is due one stays, and when it is done one goes on', () => {
  expect(detour(somebody(given), '/choose-password', '?next=%2Fdata')).toBeNull();
  expect(detour(somebody(), '/choose-password', '?next=%2Fdata')).toBe('/data');
});

test('a link cannot send anybody elsewhere', () => {
  expect(detour(somebody(), '/second-step', '?next=https%3A%2F%2Fevil.example')).toBe('/inbox');
});
