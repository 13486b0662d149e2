import { html, nothing, type TemplateResult } from 'lit';
import '../elements/define';
import { icon } from '../elements/icons';
import { mark } from './brand';
import { explain } from './failures';
import { hrefOf, root } from './root';
import { session } from './session';
import { speech, type AppTranslator } from './speech';
import { currentTheme } from './theme';
import { renderThemeSwitch } from './theme-switch';

export const SECTIONS = ['inbox', 'deliveries', 'mailbox', 'templates', 'settings', 'system'] as const;
/** The pages about oneself, to which one's name in the header leads. */
export const ACCOUNT_SECTIONS = ['profile', 'security', 'data'] as const;
/** The pages of a signed-in person, by the catalogue key of their title, which is also their path. */
export type SectionName = (typeof SECTIONS | typeof ACCOUNT_SECTIONS)[number];

export interface FrameContext {
  t: AppTranslator;
  current: SectionName;
  /** What went wrong with the frame's own buttons. */
  failure: unknown;
  draw: () => void;
  count: (unseen: number) => void;
  checkSession: () => void;
  signOut: () => void;
}

/** A page under the header of signed-in people. The header, and with it the bell's stream, outlives the page. */
export function renderFrame(context: FrameContext, page: TemplateResult): TemplateResult {
  const { t, failure, draw, count, checkSession, signOut } = context;
  const name = session.me?.name ?? '';
  return html`<header class="bar">
      <a class="skip" href="#content">${t('skip')}</a>
      <div class="bar-inner">
        <a class="brand" href=${hrefOf('/inbox')} data-route>${mark()}<span>Tidings</span></a>
        <a class="who" href=${hrefOf(`/${ACCOUNT_SECTIONS[0]}`)} data-route title=${t('signed_in_as', { name })}>
          ${icon('user')}<span dir="auto">${name}</span>
        </a>
        ${renderThemeSwitch(t, draw)}
        <tidings-bell
          server=${root}
          locale=${speech.language}
          theme=${currentTheme()}
          @counts=${(event: CustomEvent<{ unseen: number }>) => count(event.detail.unseen)}
          @signed-out=${checkSession}
        ></tidings-bell>
        <button class="quiet sign-out" @click=${signOut}>
          <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M10 4.5H5.5v15H10M9.5 12H20M16 8l4 4-4 4" />
          </svg>
          <span>${t('sign_out')}</span>
        </button>
      </div>
    </header>
    ${renderNavigation(context)}
    <div role="alert">${failure ? html`<p class="notice bad frame-notice">${explain(failure, t)}</p>` : nothing}</div>
    ${page}`;
}

/** The pages beside this one: those about oneself, or the console's, which administrators alone can open. */
function renderNavigation({ t, current }: FrameContext): TemplateResult | typeof nothing {
  if (isOne(ACCOUNT_SECTIONS, current)) return renderSections(['inbox', ...ACCOUNT_SECTIONS], t('account'), t, current);
  return session.me?.access_type === 'admin' ? renderSections(SECTIONS, t('sections'), t, current) : nothing;
}

function isOne(sections: readonly SectionName[], current: SectionName): boolean {
  return sections.includes(current);
}

function renderSections(sections: readonly SectionName[], label: string, t: AppTranslator, current: SectionName): TemplateResult {
  return html`<nav class="sections" aria-label=${label}>
    ${sections.map(
      (section) => html`<a href=${hrefOf(`/${section}`)} data-route aria-current=${section === current ? 'page' : nothing}>${t(section)}</a>`,
    )}
  </nav>`;
}

/** On a phone the sections go sideways: brings the current one into the middle. */
export function showCurrentSection(app: HTMLElement): void {
  const current = app.querySelector<HTMLElement>('.sections [aria-current]');
  const list = current?.parentElement;
  if (list) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
}
