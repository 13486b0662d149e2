import { html, type TemplateResult } from 'lit';
import { safeLink } from './safe-link';

type Piece = string | TemplateResult;

// Marks count only when they touch a word, so that "3 * 4 * 5" and snake_case_names stay as written.
const MARKS =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(?=\S)([^\n]+?)(?<=\S)\*\*|(?<![\w*])[*_](?=[^\s*_])([^\n]+?)(?<=[^\s*_])[*_](?![\w*])/;

/** The small Markdown of messages (code, links, strong, emphasis) as nodes; never HTML. */
export function inlineMarkdown(text: string, base: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = text;
  for (let found = MARKS.exec(rest); found; found = MARKS.exec(rest)) {
    const [whole, code, label, target, strong, emphasis] = found;
    pieces.push(rest.slice(0, found.index));
    if (code) pieces.push(html`<code>${code}</code>`);
    else if (label) pieces.push(link(label, target ?? '', base));
    else if (strong) pieces.push(html`<strong>${strong}</strong>`);
    else pieces.push(html`<em>${emphasis}</em>`);
    rest = rest.slice(found.index + whole.length);
  }
  return [...pieces, rest];
}

function link(label: string, target: string, base: string): Piece {
  const href = safeLink(target, base);
  return href ? html`<a href=${href} rel="noopener noreferrer">${label}</a>` : label;
}
