import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { LANGUAGES, isLanguage, type Language } from '../../i18n/languages';
import { mark, ripples } from '../brand';
import { ownName } from '../language-names';
import { hrefOf } from '../root';
import { speech, type AppTranslator } from '../speech';
import { renderThemeSwitch } from '../theme-switch';

/**
 * The frame of the pages before signing in: the picture, the form, and the choice of language and theme.
 * The server may have a photo of its own (`photo`, a path) for the picture.
 */
export function renderFront(
  page: ReactiveControllerHost,
  t: AppTranslator,
  content: TemplateResult,
  photo: string | null = null,
): TemplateResult {
  return html`<div class="front">
    <aside class="picture" aria-hidden=${photo ? 'true' : nothing}>
      ${ripples()} ${photo ? renderPhoto(photo) : html`<p class="tagline">${t('tagline')}</p>`}
    </aside>
    <div class="front-side">
      <header class="front-brand">${mark()}<span>Tidings</span></header>
      <main class="front-main">${content}</main>
      <footer class="front-foot">${renderLanguages(t)} ${renderThemeSwitch(t, () => page.requestUpdate())}</footer>
    </div>
  </div>`;
}

/** It fills the place of the picture once it is there; phones, which have no such place, never load it. */
function renderPhoto(photo: string): TemplateResult {
  const show = (event: Event): void => (event.target as HTMLElement).classList.add('loaded');
  return html`<img class="login-photo" alt="" loading="lazy" decoding="async" @load=${show} src=${hrefOf(photo)} />`;
}

function renderLanguages(t: AppTranslator): TemplateResult {
  const choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    if (isLanguage(value)) void speech.choose(value);
  };
  const languages = (Object.keys(LANGUAGES) as Language[])
    .map((code) => ({ code, name: ownName(code) }))
    .sort((one, other) => one.name.localeCompare(other.name));
  return html`<label class="choice">
    <span class="visually-hidden">${t('language')}</span>
    <select @change=${choose}>
      ${languages.map(
        ({ code, name }) => html`<option value=${code} lang=${LANGUAGES[code]} ?selected=${code === speech.language}>${name}</option>`,
      )}
    </select>
  </label>`;
}
