import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { ProblemError } from '../../api/client';
import { readPublicProfile, type PublicProfile } from '../../api/profile';
import { icon } from '../../elements/icons';
import { explain } from '../failures';
import { Page } from '../page';
import { hrefOf } from '../root';
import { session } from '../session';
import { renderFront } from './front';
import './own-pages.css';

/** What everybody may see of somebody, also without signing in, where the server shows it at all. */
export class PersonPage extends Page {
  @state() private person: PublicProfile | null = null;
  @state() private failure: unknown = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render() {
    return renderFront(this, this.t, this.person ? this.renderPerson(this.person) : this.renderNobody());
  }

  private renderPerson({ name, username, photo_url: photo }: PublicProfile): TemplateResult {
    return html`<div class="own-person">
      ${photo
        ? html`<img src=${hrefOf(photo)} alt="" width="160" height="160" />`
        : html`<span class="own-no-photo">${icon('user')}</span>`}
      <h1 dir="auto">${name}</h1>
      <p class="lead" dir="auto">@${username}</p>
    </div>`;
  }

  /** Somebody who is not shown looks like nobody at all. */
  private renderNobody(): TemplateResult {
    const { t, failure } = this;
    if (!failure) return html`<div class="own-person own-waiting" aria-hidden="true"></div>`;
    if (failure instanceof ProblemError && failure.status < 500) {
      return html`<h1>${t('not_found')}</h1>
        <p>${t('not_found_hint')}</p>`;
    }
    return html`<h1>${explain(failure, t)}</h1>
      <button class="outlined wide" @click=${this.load}>${t('retry')}</button>`;
  }

  private async load(): Promise<void> {
    this.failure = null;
    try {
      this.person = await readPublicProfile(session.api, new URLSearchParams(location.search).get('id') ?? '');
    } catch (error) {
      this.failure = error;
    }
  }
}

customElements.define('tidings-person-page', PersonPage);
