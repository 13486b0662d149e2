import { html, svg, type TemplateResult } from 'lit';

/** The mark: a bell that is heard. */
export function mark(): TemplateResult {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M9.5 22h13c-1.5-1.3-2.2-3.2-2.2-7a4.3 4.3 0 0 0-8.6 0c0 3.8-.7 5.7-2.2 7z" />
    <path d="M13.8 24.200a2.2 2.2 0 0 0 4.4 0z" />
    <path class="wave" d="M6.5 16a9.5 9.5 0 0 1 3.3-7.200M25.5 16a9.5 9.5 0 0 0-3.3-7.2" />
  </svg>`;
}

const RINGS = [60, 110, 165, 225, 290, 360, 435, 515, 600];

/** Sound going out from the bell: the picture beside the forms. */
export function ripples(): TemplateResult {
  const rings = RINGS.map((radius) => svg`<circle cx="300" cy="520" r=${radius} />`);
  return html`<svg class="ripples" viewBox="0 0 600 900" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    ${rings}
    <g transform="translate(252 470) scale(3)">
      <path class="bell" d="M9.5 22h13c-1.5-1.3-2.2-3.2-2.2-7a4.3 4.3 0 0 0-8.6 0c0 3.8-.7 5.7-2.2 7zM13.8 24.200a2.2 2.2 0 0 0 4.4 0z" />
    </g>
  </svg>`;
}
