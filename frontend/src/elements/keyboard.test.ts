import { expect, test } from 'vitest';
import { commandFor } from './keyboard';

function press(key: string, options: KeyboardEventInit = {}, target = document.createElement('article')) {
  const event = new KeyboardEvent('keydown', { key, ...options });
  Object.defineProperty(event, 'composedPath', { value: () => [target] });
  return commandFor(event);
}

test.each([
  ['ArrowDown', 'next'],
  ['j', 'next'],
  ['ArrowUp', 'previous'],
  ['k', 'previous'],
  ['Enter', 'open'],
  ['u', 'toggle_read'],
  ['e', 'dismiss'],
  ['h', 'snooze'],
  ['z', 'undo'],
])('%s means %s', (key, command) => {
  expect(press(key)).toBe(command);
});

test('Shift and A together mark all as read', () => {
  expect([press('A', { shiftKey: true }), press('a')]).toEqual(['read_all', null]);
});

test('the question mark opens the help, though it needs Shift', () => {
  expect(press('?', { shiftKey: true })).toBe('help');
});

test('shortcuts of the browser stay the browser’s', () => {
  expect(press('e', { ctrlKey: true })).toBeNull();
});

test('letters typed into a field are text', () => {
  expect(press('e', {}, document.createElement('input'))).toBeNull();
});

test('Enter on a button presses the button', () => {
  expect(press('Enter', {}, document.createElement('button'))).toBeNull();
});
