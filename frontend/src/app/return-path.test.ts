import { expect, test } from 'vitest';
import { returnPath } from './return-path';

const origin = 'https://tidings.example';

test('a path of this site is kept with its query and hash', () => {
  expect(returnPath('/inbox?tab=unread#top', origin)).toBe('/inbox?tab=unread#top');
});

test('without a wish the way leads to the inbox', () => {
  expect(returnPath(null, origin)).toBe('/inbox');
});

test('the sign-in page does not return to itself', () => {
  expect(returnPath('/sign-in?next=/sign-in', origin)).toBe('/inbox');
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  'javascript:alert(1)',
  'inbox',
])('%j leads nowhere but home', (wish) => {
  expect(returnPath(wish, origin)).toBe('/inbox');
});
