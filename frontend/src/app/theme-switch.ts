import { html, svg, type TemplateResult } from 'lit';
import type { AppTranslator } from './speech';
import { chooseTheme, currentTheme, THEMES, type Theme } from './theme';

const SYMBOLS = {
  auto: svg`<circle cx="12" cy="12" r="8"/><path d="M12 4v16a8 8 0 0 0 0-16z" fill="currentColor"/>`,
  light: svg`<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>`,
  dark: svg`<path d="M19.5 14.5A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z"/>`,
} satisfies Record<Theme, unknown>;

/** Goes through system, light and dark; `onChange` draws the page again. */
export function renderThemeSwitch(t: AppTranslator, onChange: () => void): TemplateResult {
  const current = currentTheme();
  const label = t('theme_is', { theme: t(`theme_${current}`) });
  const next = (): void => {
    chooseTheme(THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'auto');
    onChange();
  };
  return html`<button type="button" class="quiet symbol" aria-label=${label} title=${label} @click=${next}>
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${SYMBOLS[current]}</svg>
  </button>`;
}
