import { css } from 'lit';

/**
 * The look, as custom properties. A host page overrides the `--tidings-…` names on the element; the short names
 * are ours. Brass on ink, in light and in dark.
 */
export const tokens = css`
  :host {
    --ink: var(--tidings-ink, light-dark(#1b2130, #ebe8e1));
    --ink-soft: var(--tidings-ink-soft, light-dark(#596070, #a3a8b4));
    --paper: var(--tidings-paper, light-dark(#ffffff, #171c26));
    --paper-low: var(--tidings-paper-low, light-dark(#f6f4ef, #1e2430));
    --line: var(--tidings-line, light-dark(#e2ded5, #2c3342));
    --line-strong: var(--tidings-line-strong, light-dark(#8b8778, #6d7484));
    --brass: var(--tidings-accent, light-dark(#86600f, #dcb561));
    --brass-low: var(--tidings-accent-soft, light-dark(#f5ead0, #33290f));
    --on-brass: var(--tidings-on-accent, light-dark(#ffffff, #17130a));
    --danger: var(--tidings-danger, light-dark(#a3261b, #f2998d));
    --radius: var(--tidings-radius, 8px);
    --font: var(--tidings-font, system-ui, -apple-system, 'Segoe UI', sans-serif);
    color: var(--ink);
    color-scheme: light dark;
    font: 15px/1.5 var(--font);
    text-align: start;
    white-space: normal;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
`;

export const controls = css`
  button,
  .button {
    align-items: center;
    background: none;
    border: 1px solid transparent;
    border-radius: calc(var(--radius) - 2px);
    color: inherit;
    cursor: pointer;
    display: inline-flex;
    font: inherit;
    gap: 8px;
    justify-content: center;
    min-block-size: 32px;
    min-inline-size: 32px;
    padding: 0 12px;
    text-decoration: none;
    transition:
      background-color 120ms,
      border-color 120ms;
  }
  .quiet {
    color: var(--ink-soft);
    padding: 0 7px;
  }
  .quiet:hover {
    background: var(--paper-low);
    color: var(--ink);
  }
  .outlined {
    background: var(--paper);
    border-color: var(--line-strong);
  }
  .outlined:hover {
    background: var(--paper-low);
    border-color: var(--brass);
  }
  .filled {
    background: var(--brass);
    color: var(--on-brass);
    font-weight: 600;
  }
  [aria-disabled='true'] {
    cursor: default;
    opacity: 0.5;
  }
  :focus-visible {
    outline: 2px solid var(--brass);
    outline-offset: 2px;
  }
  a {
    color: var(--brass);
    text-underline-offset: 3px;
  }
  .icon {
    block-size: 20px;
    fill: none;
    flex: none;
    inline-size: 20px;
    stroke: currentColor;
    stroke-linecap: round;
    stroke-linejoin: round;
    stroke-width: 1.6;
  }
  .visually-hidden {
    block-size: 1px;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
