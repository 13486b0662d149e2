import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ProblemError } from '../../api/client';
import type { AccountKey } from '../../i18n/account-catalogues';
import { Attempt } from '../attempt';
import { Page } from '../page';
import { session } from '../session';
import type { AccountTranslator } from './accounts/account-speech';
import { sentence } from './accounts/sentences';

/** One part of a page about oneself: it does one thing at a time, and says what came of it. */
export abstract class OwnPart extends Page {
  @property({ attribute: false }) a!: AccountTranslator;
  protected readonly api = session.api;
  protected readonly attempt = new Attempt(this);
  /** The catalogue key of what was just done. */
  @state() private news: AccountKey | null = null;

  protected renderPart(id: string, title: string | TemplateResult, content: TemplateResult): TemplateResult {
    return html`<section class="own-part" aria-labelledby="${id}-title">
      <h2 id="${id}-title" tabindex="-1">${title}</h2>
      ${content}
    </section>`;
  }

  /** What came of the last act, or another complaint; what stands at its field is not said twice. */
  protected renderOutcome({ isAtField = false, complaint = '' } = {}): TemplateResult {
    const { failure } = this.attempt;
    const said = failure && !isAtField ? sentence(failure, this.a, this.t) : complaint;
    return html`<div role="alert">${said ? html`<p class="notice bad">${said}</p>` : nothing}</div>
      <div role="status">${this.news ? html`<p class="notice">${this.a(this.news)}</p>` : nothing}</div>`;
  }

  protected renderSubmit(label: string): TemplateResult {
    const { isBusy } = this.attempt;
    return html`<button class="filled" aria-disabled=${isBusy}>${isBusy ? this.a('working') : label}</button>`;
  }

  /** Does what a button asks for, once at a time; whether it was done, which what it gives says. */
  protected async act(work: () => Promise<AccountKey | void>): Promise<boolean> {
    if (this.attempt.isBusy) return false;
    this.news = null;
    const isDone = await this.attempt.run(async () => (this.news = (await work()) ?? null));
    const { failure } = this.attempt;
    if (failure instanceof ProblemError && failure.status === 401) await session.load().catch(() => undefined);
    return isDone;
  }

  /** Where a button was that is gone, the keyboard goes on from the title of the part. */
  protected async goToTitle(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('h2')?.focus();
  }
}
