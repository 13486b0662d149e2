import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../../elements/icons';
import type { ConsoleTranslator } from './console-speech';

const ROWS = [0, 1, 2, 3];

/** Rows of the size that the real ones will have, so that nothing jumps when they come. */
export function renderSkeleton(c: ConsoleTranslator): TemplateResult {
  return html`<div class="skeleton">
    <span class="visually-hidden">${c('loading')}</span>
    ${ROWS.map(() => html`<div class="skeleton-row" aria-hidden="true"><span></span><span></span></div>`)}
  </div>`;
}

/** A place with nothing in it says why, and what to do next. */
export function renderState(symbol: string, title: string, hint: string, next: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<div class="state">
    <span class="seal">${icon(symbol)}</span>
    <strong>${title}</strong>
    <p>${hint}</p>
    ${next}
  </div>`;
}
