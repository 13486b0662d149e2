import { css, html, LitElement } from 'lit';
import { property, query } from 'lit/decorators.js';
import type { Key } from '../i18n/catalogues';
import { icon } from './icons';
import type { InboxTranslator } from './store-controller';
import { controls, tokens } from './tokens';

const SHORTCUTS: readonly [keys: readonly string[], label: Key<'inbox'>][] = [
  [['↓', 'J'], 'help_next'],
  [['↑', 'K'], 'help_previous'],
  [['↵'], 'open'],
  [['U'], 'help_read'],
  [['E'], 'dismiss'],
  [['H'], 'snooze'],
  [['⇧ A'], 'read_all'],
  [['Z'], 'undo'],
  [['?'], 'help'],
];

/** The keys of the inbox, in a modal dialog. */
export class HelpDialog extends LitElement {
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        color-scheme: inherit;
      }
      dialog {
        background: var(--paper);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        color: inherit;
        inline-size: min(360px, calc(100vw - 32px));
        padding: 16px 24px 24px;
      }
      dialog::backdrop {
        background: rgb(10 13 20 / 55%);
      }
      header {
        align-items: center;
        display: flex;
        font-size: 17px;
        font-weight: 600;
        justify-content: space-between;
        margin-inline-end: -8px;
      }
      dl {
        display: grid;
        gap: 8px 24px;
        grid-template-columns: 1fr auto;
        margin: 8px 0 0;
      }
      dd {
        display: flex;
        gap: 4px;
        justify-content: flex-end;
        margin: 0;
      }
      kbd {
        background: var(--paper-low);
        border: 1px solid var(--line);
        border-radius: 4px;
        font: 13px/22px var(--font);
        min-inline-size: 26px;
        padding: 0 6px;
        text-align: center;
      }
    `,
  ];

  @property({ attribute: false }) t!: InboxTranslator;
  @query('dialog') private dialog!: HTMLDialogElement;

  show(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  override render() {
    const rows = SHORTCUTS.map(
      ([keys, label]) => html`<dt>${this.t(label)}</dt>
        <dd>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dd>`,
    );
    return html`<dialog aria-labelledby="title" @keydown=${(event: Event) => event.stopPropagation()}>
      <header>
        <span id="title">${this.t('help')}</span>
        <button class="quiet" aria-label=${this.t('close')} @click=${() => this.dialog.close()}>${icon('close')}</button>
      </header>
      <dl>${rows}</dl>
    </dialog>`;
  }
}
