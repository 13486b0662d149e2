import { html, type TemplateResult } from 'lit';
import { safeLink } from './safe-link';

type Piece = string | TemplateResult;

// Marks count only when they touch a word, so that "3 * 4 * 5" and snake_case_names stay as written.
const MARKS =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(?=\S)([^\n]+?)(?<=\S)\*\*|(?<![\w*])[*_](?=[^\s*_])([^\n]+?)(?<=[^\s*_])[*_](?![\w*])/g;

// Escaped marks become noncharacters while marks are read, and are characters again where they are shown.
const ESCAPABLE = '\\`*_[]';
const hidden = (text: string) =>
  text.replace(/\\([\\`*_[\]])/g, (_, mark: string) => String.fromCharCode(0xfdd0 + ESCAPABLE.indexOf(mark)));
const shown = (text = '') => text.replace(/[\ufdd0-\ufdd5]/g, (mark) => ESCAPABLE.charAt(mark.charCodeAt(0) - 0xfdd0));

/** The small Markdown of messages (code, links, strong, emphasis, backslash escapes) as nodes; never HTML. */
export function inlineMarkdown(text: string, base: string): Piece[] {
  const pieces: Piece[] = [];
  const line = hidden(text);
  let end = 0;
  for (const found of line.matchAll(MARKS)) {
    const [whole, code, label, target, strong, emphasis] = found;
    pieces.push(shown(line.slice(end, found.index)));
    if (code) pieces.push(html`<code>${shown(code)}</code>`);
    else if (label) pieces.push(link(shown(label), shown(target), base));
    else if (strong) pieces.push(html`<strong>${shown(strong)}</strong>`);
    else pieces.push(html`<em>${shown(emphasis)}</em>`);
    end = found.index + whole.length;
  }
  return [...pieces, shown(line.slice(end))];
}

function link(label: string, target: string, base: string): Piece {
  const href = safeLink(target, base);
  return href ? html`<a href=${href} rel="noopener noreferrer">${label}</a>` : label;
}
