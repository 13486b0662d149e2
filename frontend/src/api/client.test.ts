import { expect, test } from 'vitest';
import { Api } from './client';

test.each([
  ['', ''],
  ['/', ''],
  ['/tidings', '/tidings'],
  ['/tidings/', '/tidings'],
])('the server %j is looked for on the origin of the page', (server, path) => {
  expect(new Api({ server }).url('/notifications').href).toBe(`${location.origin}${path}/api/v1/notifications`);
});

test('a server elsewhere is asked under its path', () => {
  const api = new Api({ server: 'https://app.example.org/tidings/' });
  expect(api.url('/notifications', { page_size: 2 }).href).toBe('https://app.example.org/tidings/api/v1/notifications?page_size=2');
});
