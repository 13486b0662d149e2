import { render } from 'lit';
import { expect, test } from 'vitest';
import { inlineMarkdown } from './inline-markdown';
import { relativeTime } from './relative-time';
import { safeLink } from './safe-link';
import { snoozePresets } from './snooze-presets';

const base = 'https://tidings.example';
const now = new Date('2026-03-11T12:00:00Z');
const ago = (seconds: number) => relativeTime(new Date(now.getTime() - seconds * 1_000).toISOString(), 'en-US', now);

function markup(text: string): string {
  const box = document.createElement('div');
  render(inlineMarkdown(text, base), box);
  return box.innerHTML.replace(/<!--.*?-->/g, '').replace(/\s+/g, ' ');
}

test.each([
  ['a **strong** word', 'a <strong>strong</strong> word'],
  ['an *emphasised* word', 'an <em>emphasised</em> word'],
  ['run `make` now', 'run <code>make</code> now'],
  ['3 * 4 * 5', '3 * 4 * 5'],
  ['snake_case_name', 'snake_case_name'],
  ['<b>bold</b>', '&lt;b&gt;bold&lt;/b&gt;'],
])('%j is shown as %j', (text, shown) => {
  expect(markup(text)).toBe(shown);
});

test('a link leads to its target on the server', () => {
  expect(markup('see [notes](/notes)')).toContain('href="https://tidings.example/notes"');
});

test('a link that would run a script is text', () => {
  expect(markup('see [this](javascript:alert(1))')).not.toContain('href');
});

test.each(['javascript:alert(1)', 'data:text/html,x', ' JAVASCRIPT:x', 'vbscript:x'])('%j is not followed', (target) => {
  expect(safeLink(target, base)).toBeNull();
});

test.each([
  [5, 'now'],
  [-30, 'now'],
  [60, '1 min. ago'],
  [3 * 3_600, '3 hr. ago'],
  [86_400, 'yesterday'],
  [9 * 86_400, 'Mar 2'],
  [400 * 86_400, 'Feb 4, 2025'],
])('%d seconds ago reads %j', (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});

test('a snooze over the weekend ends on Monday morning', () => {
  const friday = new Date(2026, 2, 13, 10);
  expect(snoozePresets(friday).at(-1)?.until).toEqual(new Date(2026, 2, 16, 8));
});

test('on a Monday next week is the Monday after', () => {
  const monday = new Date(2026, 2, 16, 10);
  expect(snoozePresets(monday).at(-1)?.until).toEqual(new Date(2026, 2, 23, 8));
});

test('the evening is not offered once it has come', () => {
  const evening = new Date(2026, 2, 13, 17, 30);
  expect(snoozePresets(evening).map(({ key }) => key)).not.toContain('snooze_evening');
});
