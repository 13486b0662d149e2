import { html } from 'lit';
import { mark } from '../brand';
import { Page } from '../page';

export class NotFoundPage extends Page {
  override render() {
    return html`<main class="notice-page">
      ${mark()}
      <h1>${this.t('not_found')}</h1>
      <p>${this.t('not_found_hint')}</p>
      <a class="filled" href="/inbox" data-route>${this.t('go_to_inbox')}</a>
    </main>`;
  }
}

customElements.define('tidings-not-found-page', NotFoundPage);
