import { html, type TemplateResult } from 'lit';
import type { AccountTranslator } from './accounts/account-speech';

/** A bar with its words: `part` of the whole, from 0 to 1. */
export function renderProgress(label: string, part: number): TemplateResult {
  return html`<label class="own-progress"><span>${label}</span><progress max="1" .value=${part}></progress></label>`;
}

/** How much of a file has left. */
export function renderSending(a: AccountTranslator, part: number): TemplateResult {
  return renderProgress(a('profile_sending', { part: percent(part, a.tag) }), part);
}

export function percent(part: number, tag: string): string {
  return new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 }).format(part);
}
