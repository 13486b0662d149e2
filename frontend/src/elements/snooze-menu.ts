import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { icon } from './icons';
import { momentTime } from './relative-time';
import { snoozePresets } from './snooze-presets';
import type { InboxTranslator } from './store-controller';
import { controls, tokens } from './tokens';

/** The choice of moments. Fires `choose` with the moment in RFC 3339, and `close` when nothing was chosen. */
export class SnoozeMenu extends LitElement {
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        background: var(--paper);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        color-scheme: inherit;
        display: block;
        inline-size: 320px;
        inset-block-start: calc(100% - 4px);
        inset-inline-end: 8px;
        max-inline-size: calc(100% - 16px);
        padding: 4px;
        position: absolute;
        z-index: 2;
      }
      button {
        inline-size: 100%;
        justify-content: flex-start;
        min-block-size: 40px;
      }
      button:hover,
      button:focus-visible {
        background: var(--paper-low);
      }
      time {
        color: var(--ink-soft);
        font-size: 13px;
        margin-inline-start: auto;
      }
    `,
  ];

  @property({ attribute: false }) t!: InboxTranslator;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.leave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.leave);
  }

  override render() {
    const presets = snoozePresets(new Date()).map(({ key, until }) => {
      const iso = until.toISOString();
      return html`<button role="menuitem" tabindex="-1" @click=${() => this.choose(iso)}>
        ${icon('clock')}<span>${this.t(key)}</span><time datetime=${iso}>${momentTime(iso, this.t.tag)}</time>
      </button>`;
    });
    return html`<div role="menu" aria-label=${this.t('snooze')} @keydown=${this.press}>${presets}</div>`;
  }

  protected override firstUpdated(): void {
    this.items[0]?.focus();
  }

  private get items(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll('button')];
  }

  private press(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') this.dispatchEvent(new Event('close'));
    if (event.key === 'Escape' || step) event.preventDefault();
    event.stopPropagation();
    if (!step) return;
    const at = this.items.indexOf(this.shadowRoot?.activeElement as HTMLButtonElement);
    this.items.at((at + step) % this.items.length)?.focus();
  }

  private choose(until: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: until }));
  }

  private readonly leave = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.dispatchEvent(new Event('close'));
  };
}
