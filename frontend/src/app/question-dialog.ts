import { html } from 'lit';
import { Dialog } from './dialog';
import type { AccountTranslator } from './pages/accounts/account-speech';

export interface Question {
  title: string;
  hint: string;
  /** What the button says that does it. */
  verb: string;
  /** False when it was not done after all, and that needs no word. */
  act: () => Promise<unknown>;
}

/** Asks before something is done that cannot be taken back, and says so when it could not be done. */
class QuestionDialog extends Dialog {
  question!: Question;

  protected renderTitle(): string {
    return this.question.title;
  }

  protected renderWith(a: AccountTranslator) {
    const { hint, verb } = this.question;
    const { isBusy, failure } = this.attempt;
    return html`<p>${hint}</p>
      ${this.renderFailure(a)}
      <div class="buttons">
        <button class="outlined" @click=${() => this.close(false)}>${a(failure ? 'security_close' : 'security_keep')}</button>
        <button class="filled" aria-disabled=${isBusy} @click=${this.act}>${isBusy ? a('working') : verb}</button>
      </div>`;
  }

  private async act(): Promise<void> {
    let isDone = false;
    await this.attempt.run(async () => {
      isDone = (await this.question.act()) !== false;
    });
    if (isDone) this.close(true);
  }
}

customElements.define('tidings-question-dialog', QuestionDialog);

/** Whether it was done; not when the person thought better of it. */
export function askFirst(question: Question): Promise<boolean> {
  return Object.assign(new QuestionDialog(), { question }).ask();
}
