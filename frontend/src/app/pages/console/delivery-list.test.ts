import { expect, test } from 'vitest';
import { delivery } from '../../../testing';
import { filterOf, searchOf, withPage } from './delivery-list';

const [one, two, three, four] = ['d1', 'd2', 'd3', 'd4'].map((id) => delivery({ id }));
const ids = ({ deliveries }: { deliveries: { id: string }[] }) => deliveries.map(({ id }) => id);

test('a filter survives the address', () => {
  const chosen = new FormData();
  chosen.set('state', 'dead');
  chosen.set('channel', '');
  chosen.set('user_id', ' ada & co ');
  expect(filterOf(searchOf(chosen))).toEqual({ state: 'dead', user_id: 'ada & co' });
});

test('no choice is the plain address', () => {
  expect(searchOf(new FormData())).toBe('');
  expect(filterOf('?tab=x')).toEqual({});
});

test('the first page is taken as it is', () => {
  const page = { deliveries: [two!, one!], next_cursor: null };
  expect(withPage(null, null, page)).toBe(page);
});

test('what is new stands on top, what changed is replaced, and what is older stays', () => {
  const changed = { ...three!, state: 'sent' as const };
  const list = withPage([three!, two!, one!], 'after one', { deliveries: [four!, changed, two!], next_cursor: 'after two' });
  expect(ids(list)).toEqual(['d4', 'd3', 'd2', 'd1']);
  expect(list.deliveries[1]?.state).toBe('sent');
  expect(list.next_cursor).toBe('after one');
});

test('when nothing older is known, the list goes on after the page', () => {
  const list = withPage([three!, two!], 'after two', { deliveries: [three!, two!], next_cursor: 'after two now' });
  expect(list.next_cursor).toBe('after two now');
});

test('after more than a page of news the list begins anew, so that no gap is hidden', () => {
  const page = { deliveries: [four!, three!], next_cursor: 'after three' };
  expect(withPage([one!], null, page)).toBe(page);
});

test('a page that is all there is replaces everything, also what left the filter', () => {
  const page = { deliveries: [one!], next_cursor: null };
  expect(withPage([two!, one!], null, page)).toBe(page);
});
