import { html, nothing, type TemplateResult } from 'lit';
import { Attempt } from './attempt';
import './dialog.css';
import { Page } from './page';
import { AccountSpeech, type AccountTranslator } from './pages/accounts/account-speech';
import { sentence } from './pages/accounts/sentences';

let count = 0;

/** A question over the page. It exists while it is open; then what was focused before is focused again. */
export abstract class Dialog extends Page {
  protected readonly attempt = new Attempt(this);
  private readonly words = new AccountSpeech(this);
  private answer: (isDone: boolean) => void = () => undefined;
  private isDone = false;
  /** One may stand over another. */
  private readonly titleId = `question-${(count += 1)}`;

  protected abstract renderTitle(a: AccountTranslator): string;
  protected abstract renderWith(a: AccountTranslator): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.putAway);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.putAway);
  }

  /** Whether what it asks was done, and the dialog not put away. */
  async ask(): Promise<boolean> {
    document.body.append(this);
    await this.updateComplete;
    const dialog = this.querySelector('dialog');
    const before = document.activeElement;
    dialog?.showModal();
    const isDone = await new Promise<boolean>((resolve) => (this.answer = resolve));
    this.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    return isDone;
  }

  override render() {
    const a = this.words.t;
    return html`<dialog class="question" aria-labelledby=${this.titleId} @close=${() => this.answer(this.isDone)}>
      ${a
        ? html`<h2 id=${this.titleId}>${this.renderTitle(a)}</h2>
            ${this.renderWith(a)}`
        : nothing}
    </dialog>`;
  }

  protected renderFailure(a: AccountTranslator): TemplateResult {
    const { failure } = this.attempt;
    return html`<div role="alert">${failure ? html`<p class="notice bad">${this.explain(failure, a)}</p>` : nothing}</div>`;
  }

  protected explain(failure: unknown, a: AccountTranslator): string {
    return sentence(failure, a, this.t);
  }

  /** The page that asked is gone. */
  private readonly putAway = (): void => this.close(false);

  protected close(isDone: boolean): void {
    this.isDone = isDone;
    this.querySelector('dialog')?.close();
  }
}
