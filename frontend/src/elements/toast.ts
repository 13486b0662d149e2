import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';

const SHOWN_MS = 6_000;

interface Notice {
  text: string;
  undo: (() => void) | null;
}

/** One short message at the foot of the list, with Undo where there is a way back. Waits while it is touched. */
export class Toast implements ReactiveController {
  private notice: Notice | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.hide();
  }

  show(text: string, undo: (() => void) | null = null): void {
    this.notice = { text, undo };
    this.wait();
    this.host.requestUpdate();
  }

  /** Takes back what the message is about; false when there is nothing to take back. */
  undo(): boolean {
    const undo = this.notice?.undo;
    this.hide();
    undo?.();
    return undo !== null && undo !== undefined;
  }

  render(undoLabel: string): TemplateResult | typeof nothing {
    if (!this.notice) return nothing;
    const { text, undo } = this.notice;
    const button = html`<button class="outlined" @click=${() => this.undo()}>${undoLabel}</button>`;
    return html`<div
      class="toast"
      part="toast"
      @pointerenter=${this.hold}
      @pointerleave=${this.wait}
      @focusin=${this.hold}
      @focusout=${this.wait}
    >
      <span>${text}</span>${undo ? button : nothing}
    </div>`;
  }

  private readonly hold = (): void => clearTimeout(this.timer);

  private readonly wait = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), SHOWN_MS);
  };

  private hide(): void {
    clearTimeout(this.timer);
    this.notice = null;
    this.host.requestUpdate();
  }
}
