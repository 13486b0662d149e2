import type { Message, Messages } from './translator';

const PLAIN = 'AEIOUYaeiouycnsz';
const MARKED = 'ÀËÎÖÛÝàëîöûýçñšž';

/** Messages with marks on the letters and a third more length; placeholders stay as they are. */
export function pseudo<Key extends string>(messages: Messages<Key>): Messages<Key> {
  const entries = Object.entries<Message>(messages).map(([key, message]) => [key, disguise(message)]);
  return Object.fromEntries(entries) as Messages<Key>;
}

function disguise(message: Message): Message {
  if (typeof message === 'string') return lengthen(message);
  return { ...message, other: lengthen(message.other), ...(message.one ? { one: lengthen(message.one) } : {}) };
}

function lengthen(text: string): string {
  const marked = text.replace(/\{\w+\}|\w/g, (part) => {
    const at = part.length === 1 ? PLAIN.indexOf(part) : -1;
    return at === -1 ? part : MARKED.charAt(at);
  });
  return `[${marked}${'·'.repeat(Math.ceil(text.length / 3))}]`;
}
