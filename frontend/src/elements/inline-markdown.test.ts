import { readFileSync } from 'node:fs';
import { render } from 'lit';
import { expect, test } from 'vitest';
import { inlineMarkdown } from './inline-markdown';

type Piece = [kind: string, text: string, href?: string];

// What mail reads the same way: tests/templates/test_markdown.py.
const corpus = JSON.parse(readFileSync('../tests/templates/marks.json', 'utf8')) as { text: string; pieces: Piece[] }[];
const KINDS: Record<string, string> = { CODE: 'code', A: 'link', STRONG: 'strong', EM: 'emphasis' };

function pieces(text: string): Piece[] {
  const box = document.createElement('div');
  render(inlineMarkdown(text, 'https://tidings.example'), box);
  const found: Piece[] = [];
  for (const node of box.childNodes) {
    const kind = node instanceof Element ? KINDS[node.tagName] : node.nodeType === Node.TEXT_NODE && 'text';
    const words = node.textContent ?? '';
    const last = found.at(-1);
    if (!kind || !words) continue;
    if (kind === 'text' && last?.[0] === 'text') last[1] += words;
    else found.push(node instanceof HTMLAnchorElement ? [kind, words, node.href] : [kind, words]);
  }
  return found;
}

test.each(corpus)('$text has the marks that it has in mail', ({ text, pieces: wanted }) => {
  expect(pieces(text)).toEqual(wanted);
});
