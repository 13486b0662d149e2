import { html } from 'lit';
import { property } from 'lit/decorators.js';
import '../../elements/define';
import { root } from '../root';
import { speech } from '../speech';
import { SignedInPage } from './signed-in-page';

/** The signed-in person's notifications. */
export class InboxPage extends SignedInPage {
  protected readonly heading = 'inbox';
  protected override readonly isWide = false;
  @property() theme = 'auto';

  protected renderContent() {
    return html`<tidings-inbox class="card" server=${root} locale=${speech.language} theme=${this.theme}></tidings-inbox>`;
  }
}

customElements.define('tidings-inbox-page', InboxPage);
