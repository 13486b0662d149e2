import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { beginLink, unlink } from '../../../api/security';
import type { Identity } from '../../../api/security-types';
import { withProof } from '../../proof-dialog';
import { askFirst } from '../../question-dialog';
import { SecurityPart } from './security-part';

/** The providers one can sign in with: linked, and those that could be. */
export class IdentitiesPart extends SecurityPart {
  protected readonly name = 'identities';
  /** What the way back from a provider said: the slug of the one that was linked. */
  @property({ attribute: false }) linked: string | null = null;

  protected renderBody(): TemplateResult {
    const { a } = this;
    const { identities, providers } = this.security;
    const others = providers.filter(({ slug }) => !identities.some((identity) => identity.provider === slug));
    const added = identities.find((identity) => identity.provider === this.linked);
    const news = added ? html`<p class="notice">${a('security_linked', { name: added.provider_name })}</p>` : nothing;
    return html`<p class="lead">${a('security_identities_hint')}</p>
      <div role="status">${news}</div>
      ${this.renderOutcome()}
      ${identities.length ? html`<ul class="rows">${identities.map((identity) => this.renderIdentity(identity))}</ul>` : nothing}
      ${others.length
        ? html`<div class="own-buttons start">
            ${others.map(
              ({ slug, name }) =>
                html`<button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${() => this.link(slug)}>
                  ${a('security_link', { name })}
                </button>`,
            )}
          </div>`
        : nothing}`;
  }

  private renderIdentity(identity: Identity): TemplateResult {
    const { a } = this;
    const { provider_name: name, email, subject, created_at, last_used_at } = identity;
    return html`<li>
      <div>
        <p class="row-name"><strong dir="auto">${name}</strong><span dir="auto">${email ?? subject}</span></p>
        <p class="lead">
          ${this.renderTime('security_at_linked', created_at)} ·
          ${last_used_at ? this.renderTime('security_at_used', last_used_at) : a('security_never_used')}
        </p>
      </div>
      <button class="outlined" aria-label=${a('security_unlink_it', { name })} @click=${() => this.take(identity)}>
        ${a('security_unlink')}
      </button>
    </li>`;
  }

  /** The browser leaves for the provider, and comes back to this page. */
  private async link(slug: string): Promise<void> {
    await this.act(async () => {
      await withProof(async () => {
        const { authorize_url } = await beginLink(this.api, slug, `/security?linked=${encodeURIComponent(slug)}`);
        location.assign(authorize_url);
      });
    });
  }

  private async take({ id, provider_name: name }: Identity): Promise<void> {
    const { a } = this;
    const isDone = await askFirst({
      title: a('security_unlink_question', { name }),
      hint: a('security_remove_hint'),
      verb: a('security_unlink'),
      act: () => withProof(() => unlink(this.api, id)),
    });
    await this.did(isDone ? 'security_unlinked' : undefined);
    if (isDone) await this.goToTitle();
  }
}

customElements.define('tidings-identities-part', IdentitiesPart);
