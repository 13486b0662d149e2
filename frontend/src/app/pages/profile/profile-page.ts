import { html } from 'lit';
import { state } from 'lit/decorators.js';
import { readPublicSettings } from '../../../api/accounts';
import { readEmail, readPrivacy, readProfile, type OwnEmail, type Privacy, type Profile } from '../../../api/profile';
import type { AccountTranslator } from '../accounts/account-speech';
import { OwnPage } from '../own-page';
import './about-part';
import './choices-part';
import './email-part';
import './photo-part';
import './privacy-part';

/** Who one is here, how one is reached, and what of it others see. */
export class ProfilePage extends OwnPage {
  protected readonly heading = 'profile';
  @state() private profile!: Profile;
  @state() private email!: OwnEmail;
  @state() private privacy!: Privacy;
  @state() private hasPublicPage = false;

  protected async load(): Promise<void> {
    const [profile, email, privacy, settings] = await Promise.all([
      readProfile(this.api),
      readEmail(this.api),
      readPrivacy(this.api),
      readPublicSettings(this.api),
    ]);
    Object.assign(this, { profile, email, privacy });
    this.hasPublicPage = settings.public_shareable_links && settings.public_shareable_links_user_info;
  }

  protected renderWith(a: AccountTranslator) {
    const { profile } = this;
    const use = (event: CustomEvent<Profile>): void => void (this.profile = event.detail);
    return html`<div class="own-parts" @profile=${use}>
      <tidings-photo-part .a=${a} .profile=${profile}></tidings-photo-part>
      <tidings-about-part .a=${a} .profile=${profile}></tidings-about-part>
      <tidings-email-part .a=${a} .email=${this.email}></tidings-email-part>
      <tidings-choices-part .a=${a} .profile=${profile}></tidings-choices-part>
      <tidings-privacy-part
        .a=${a}
        .privacy=${this.privacy}
        .publicId=${this.hasPublicPage ? profile.id : null}
      ></tidings-privacy-part>
    </div>`;
  }
}

customElements.define('tidings-profile-page', ProfilePage);
