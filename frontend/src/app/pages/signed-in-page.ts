import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { explain } from '../failures';
import type { SectionName } from '../frame';
import { Page } from '../page';
import { session } from '../session';

/** What stands under the header that all pages of a signed-in person share. */
export abstract class SignedInPage extends Page {
  @state() protected failure: unknown = null;

  /** The catalogue key of the page's heading. */
  protected abstract readonly heading: SectionName;
  protected abstract renderContent(): TemplateResult;

  /** Lists and mails need more room than an inbox. */
  protected readonly isWide: boolean = true;

  override render() {
    const { t } = this;
    return html`<main class="column ${this.isWide ? 'wide-column' : ''}" id="content" tabindex="-1">
      <h1>${t(this.heading)}</h1>
      <div role="alert">${this.failure ? html`<p class="notice bad">${explain(this.failure, t)}</p>` : nothing}</div>
      ${this.renderContent()}
    </main>`;
  }

  /** The session ended elsewhere: the app then shows the sign-in page and comes back here. */
  protected async checkSession(): Promise<void> {
    await session.load().catch((error: unknown) => (this.failure = error));
  }
}
