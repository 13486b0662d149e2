import { html } from 'lit';
import { property } from 'lit/decorators.js';
import { mark } from '../brand';
import { Page } from '../page';
import { hrefOf } from '../root';

/** An address with nothing to show, or nothing for this person. */
export class NotFoundPage extends Page {
  /** Something is here, for administrators. */
  @property({ type: Boolean }) admins = false;

  override render() {
    const reason = this.admins ? 'admins_only' : 'not_found';
    return html`<main class="notice-page">
      ${mark()}
      <h1>${this.t(reason)}</h1>
      <p>${this.t(`${reason}_hint`)}</p>
      <a class="filled" href=${hrefOf('/inbox')} data-route>${this.t('go_to_inbox')}</a>
    </main>`;
  }
}

customElements.define('tidings-not-found-page', NotFoundPage);
