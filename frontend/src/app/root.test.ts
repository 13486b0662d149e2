import { expect, test } from 'vitest';
import { hrefOf, pathOf, rootOf } from './root';

function page(head: string): Document {
  return new DOMParser().parseFromString(`<head>${head}</head>`, 'text/html');
}

test.each([
  ['<meta name="tidings-root" content="/" />', ''],
  ['<meta name="tidings-root" content="/tidings/" />', '/tidings'],
  ['<meta name="tidings-root" content="/our/own%20tidings/" />', '/our/own%20tidings'],
  ['', ''],
])('the root of a page with %j is %j', (head, root) => {
  expect(rootOf(page(head))).toBe(root);
});

test.each(['', '/tidings', '/our/tidings'])('what a link under %j says leads back to the same page', (root) => {
  for (const path of ['/', '/inbox', '/tidings']) expect(pathOf(hrefOf(path, root), root)).toBe(path);
});

test('the root without a slash is the first page', () => {
  expect(pathOf('/tidings', '/tidings')).toBe('/');
});

test('a path that only begins with the same letters is not below the root', () => {
  expect(pathOf('/tidings-of-others/inbox', '/tidings')).toBe('/tidings-of-others/inbox');
});
