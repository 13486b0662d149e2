import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError } from '../../../api/client';
import { listTemplates, readTemplate, templateAddress } from '../../../api/console';
import type { Preview, TemplateList } from '../../../api/console-types';
import { icon } from '../../../elements/icons';
import { inlineMarkdown } from '../../../elements/inline-markdown';
import { isLanguage, LANGUAGES, type Language } from '../../../i18n/languages';
import { ownName } from '../../language-names';
import { navigate } from '../../navigation';
import { hrefOf } from '../../root';
import { speech } from '../../speech';
import { ConsolePage } from './console-page';
import type { ConsoleTranslator } from './console-speech';
import { renderFrame } from './mail-view';
import { renderSkeleton, renderState } from './states';
import { addressOf, choiceOf, type Choice } from './template-choice';
import { named } from './words';

/** Every text that people are sent, with made-up values; the address names what is looked at. */
export class TemplatesPage extends ConsolePage {
  protected readonly heading = 'templates';
  @state() private list: TemplateList | null = null;
  /** What was read last, and what it was read for: a frame must not ask for what the page has moved on to. */
  @state() private read: { choice: Choice; preview: Preview } | { refusal: string } | null = null;
  private shown = '';

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.move);
    void this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.move);
  }

  protected async load(): Promise<void> {
    this.list = await listTemplates(this.api);
    await this.follow();
  }

  protected renderWith(c: ConsoleTranslator): TemplateResult {
    const { choice } = this;
    return html`<p class="lead">${c('templates_hint')}</p>
      <div class="split ${this.isChosen ? 'has-chosen' : ''}">
        <nav class="panel choices" aria-label=${c('template')}>
          ${this.list ? (['type', 'letter'] as const).map((group) => this.renderGroup(group, this.list!, choice, c)) : renderSkeleton(c)}
        </nav>
        <section class="panel chosen" aria-label=${c('preview')}>${choice ? this.renderChosen(choice, c) : renderSkeleton(c)}</section>
      </div>`;
  }

  /** Whether the address names a template; on a phone the list comes first. */
  private get isChosen(): boolean {
    return new URLSearchParams(location.search).has('name');
  }

  private get isShownFor(): string | undefined {
    return this.read && 'choice' in this.read ? this.read.choice.name : undefined;
  }

  private get choice(): Choice | null {
    return this.list && choiceOf(location.search, this.list, speech.language);
  }

  private renderGroup(group: 'type' | 'letter', { templates }: TemplateList, choice: Choice | null, c: ConsoleTranslator): TemplateResult {
    return html`<h2>${c(group === 'type' ? 'template_types' : 'template_letters')}</h2>
      <ul>
        ${templates
          .filter((template) => template.group === group)
          .map(
            ({ name, key }) => html`<li>
              <a
                href=${hrefOf(addressOf({ ...choice, name, channel: null }))}
                data-route
                aria-current=${name === choice?.name && this.isChosen ? 'true' : nothing}
              >
                <span>${key}</span>
              </a>
            </li>`,
          )}
      </ul>`;
  }

  private renderChosen(choice: Choice, c: ConsoleTranslator): TemplateResult {
    const template = this.list?.templates.find(({ name }) => name === choice.name);
    return html`<a class="back" href=${hrefOf('/templates')} data-route>${icon('up')}${this.t('templates')}</a>
      <div class="chosen-head">
        <h2 tabindex="-1">${template?.key}</h2>
        <form class="filter" @change=${this.choose} @submit=${(event: Event) => event.preventDefault()}>
          <label>
            <span>${c('language')}</span>
            <select name="language" .value=${choice.language}>
              ${this.languages.map(
                ({ code, name }) => html`<option value=${code} lang=${LANGUAGES[code]} ?selected=${code === choice.language}>${name}</option>`,
              )}
            </select>
          </label>
          <label>
            <span>${c('channel')}</span>
            <select name="channel" .value=${choice.channel}>
              ${template?.channels.map((channel) => html`<option value=${channel} ?selected=${channel === choice.channel}>${named(c, 'channel', channel)}</option>`)}
            </select>
          </label>
        </form>
      </div>
      <div class="chosen-panel">${this.renderPreview(c)}</div>`;
  }

  private get languages(): { code: Language; name: string }[] {
    return (this.list?.languages ?? [])
      .filter(isLanguage)
      .map((code) => ({ code, name: ownName(code) }))
      .sort((one, other) => one.name.localeCompare(other.name));
  }

  private renderPreview(c: ConsoleTranslator): TemplateResult {
    const { read } = this;
    if (!read) return renderSkeleton(c);
    if ('refusal' in read) return renderState('warning', c('preview_failed'), read.refusal);
    const { choice, preview } = read;
    const tag = LANGUAGES[choice.language];
    if (preview.html === null) return this.renderCard(preview, tag, c);
    return html`<dl class="facts subject">
        <dt>${c('subject')}</dt>
        <dd lang=${tag} dir="auto"><strong>${preview.subject}</strong></dd>
      </dl>
      ${renderFrame(templateAddress(this.api, choice), c('mail_as_html'))}
      <h3 id="as-text">${c('tab_text')}</h3>
      <pre lang=${tag} dir="auto" tabindex="0" role="region" aria-labelledby="as-text">${preview.text}</pre>`;
  }

  private renderCard({ subject, text, icon: symbol }: Preview, tag: string, c: ConsoleTranslator): TemplateResult {
    return html`<p class="soft card-hint">${c('in_app_preview')}</p>
      <div class="inbox-card" lang=${tag}>
        <span class="seal">${icon(symbol ?? 'bell')}</span>
        <div>
          <strong dir="auto">${subject}</strong>
          <p dir="auto">${inlineMarkdown(text, this.api.server)}</p>
        </div>
      </div>`;
  }

  private readonly choose = (event: Event): void => {
    const form = new FormData((event.target as HTMLElement).closest('form') as HTMLFormElement);
    const { choice } = this;
    if (choice) navigate(addressOf({ name: choice.name, language: String(form.get('language')), channel: String(form.get('channel')) }), 'replace');
  };

  /** Another template, language or channel was chosen. */
  private readonly move = async (): Promise<void> => {
    const before = this.isShownFor;
    await this.follow().catch((error: unknown) => (this.failure = error));
    await this.updateComplete;
    if (this.isChosen && this.choice?.name !== before) this.showChosen({ focus: 'without list' });
  };

  /** Reads what the address names now, unless it is shown already. */
  private readonly follow = async (): Promise<void> => {
    this.requestUpdate();
    const { choice } = this;
    if (!choice) return;
    const address = addressOf(choice);
    if (address === this.shown) return;
    this.shown = address;
    try {
      const preview = await readTemplate(this.api, choice);
      if (address !== this.shown) return;
      this.read = { choice, preview };
    } catch (error) {
      if (address !== this.shown) return;
      this.shown = '';
      if (!(error instanceof ProblemError)) throw error;
      this.read = { refusal: error.message };
    }
  };
}

customElements.define('tidings-templates-page', TemplatesPage);
