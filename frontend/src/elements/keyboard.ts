export const COMMANDS = ['next', 'previous', 'open', 'toggle_read', 'dismiss', 'snooze', 'read_all', 'undo', 'help'] as const;
export type Command = (typeof COMMANDS)[number];

const KEYS: Record<string, Command> = {
  ArrowDown: 'next',
  j: 'next',
  ArrowUp: 'previous',
  k: 'previous',
  Enter: 'open',
  u: 'toggle_read',
  e: 'dismiss',
  h: 'snooze',
  z: 'undo',
  '?': 'help',
};

/** What a key means inside the inbox; null where the key belongs to the browser or to a field. */
export function commandFor(event: KeyboardEvent): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const target = event.composedPath()[0];
  if (target instanceof Element && target.matches('input, select, textarea, [contenteditable], [role^=menu]')) return null;
  // Enter presses the button or follows the link that has the focus.
  if (event.key === 'Enter' && target instanceof Element && target.matches('a, button')) return null;
  if (event.shiftKey && event.key.toLowerCase() === 'a') return 'read_all';
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && key !== '?' ? null : (KEYS[key] ?? null);
}
