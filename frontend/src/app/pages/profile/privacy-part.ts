import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { HIDEABLE, putPrivacy, VISIBILITIES, type Hiding, type Privacy, type Visibility } from '../../../api/profile';
import { hrefOf } from '../../root';
import { OwnPart } from '../own-part';
import { renderCopying } from '../security/copying';

/** What others see of somebody's activities, and the page that everybody may see while the server has such pages. */
export class PrivacyPart extends OwnPart {
  @property({ attribute: false }) privacy!: Privacy;
  /** Whose public page there is; null while the server has none. */
  @property() publicId: string | null = null;
  @state() private isCopied = false;

  override render() {
    const { a } = this;
    return this.renderPart(
      'privacy',
      a('privacy_title'),
      html`<p class="lead">${a('privacy_lead')}</p>
        <form @submit=${this.submit}>
          <fieldset class="own-options">
            <legend>${a('privacy_default')}</legend>
            ${VISIBILITIES.map((visibility) => this.renderVisibility(visibility))}
          </fieldset>
          <fieldset class="own-options">
            <legend>${a('privacy_hide')}</legend>
            ${HIDEABLE.map((what) => this.renderFlag(what))}
          </fieldset>
          ${this.renderOutcome()}
          <div class="own-buttons start">${this.renderSubmit(a('profile_save'))}</div>
        </form>
        ${this.publicId === null ? nothing : this.renderLink(this.publicId)}`,
    );
  }

  private renderVisibility(visibility: Visibility): TemplateResult {
    const { a } = this;
    return html`<label class="own-option">
      <input
        type="radio"
        name="default_activity_visibility"
        value=${visibility}
        ?checked=${this.privacy.default_activity_visibility === visibility}
      />
      <span><strong>${a(`privacy_${visibility}`)}</strong><span class="hint">${a(`privacy_${visibility}_hint`)}</span></span>
    </label>`;
  }

  private renderFlag(what: (typeof HIDEABLE)[number]): TemplateResult {
    const name: Hiding = `hide_activity_${what}`;
    return html`<label class="own-option">
      <input type="checkbox" name=${name} ?checked=${this.privacy[name]} />
      <span>${this.a(`privacy_hide_${what}`)}</span>
    </label>`;
  }

  private renderLink(id: string): TemplateResult {
    const { a } = this;
    const href = hrefOf(`/person?id=${id}`);
    return html`<div class="own-link">
      <h3>${a('privacy_link')}</h3>
      <p class="lead">${a('privacy_link_hint')}</p>
      <div class="own-buttons start">
        <a class="outlined" href=${href} data-route>${a('privacy_link_open')}</a>
        ${renderCopying(a, {
          text: new URL(href, location.origin).href,
          isCopied: this.isCopied,
          done: (isCopied) => (this.isCopied = isCopied),
        })}
      </div>
    </div>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const flags = HIDEABLE.map((what) => [`hide_activity_${what}`, form.has(`hide_activity_${what}`)]);
    const privacy = {
      default_activity_visibility: form.get('default_activity_visibility'),
      ...Object.fromEntries(flags),
    } as Privacy;
    void this.act(async () => {
      this.privacy = await putPrivacy(this.api, privacy);
      return 'profile_saved';
    });
  }
}

customElements.define('tidings-privacy-part', PrivacyPart);
