import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { readPublicSettings } from '../../../api/accounts';
import { readServerSettings, type ServerSettings } from '../../../api/server-settings';
import type { AccountTranslator } from '../accounts/account-speech';
import { OwnPage } from '../own-page';
import './login-photo-part';
import './rules-parts';

/** What administrators decide for everybody while the server runs. */
export class SettingsPage extends OwnPage {
  protected readonly heading = 'settings';
  @state() private settings: ServerSettings | null = null;
  @state() private photo: string | null = null;

  protected async load(): Promise<void> {
    const [settings, known] = await Promise.all([readServerSettings(this.api), readPublicSettings(this.api)]);
    this.photo = known.login_photo_url;
    this.settings = settings;
  }

  protected renderWith(a: AccountTranslator): TemplateResult {
    const { settings } = this;
    return html`<p class="lead">${a('settings_save_hint')}</p>
      <div class="own-parts" @settings=${this.take}>
        <tidings-login-photo-part .a=${a} .photo=${this.photo}></tidings-login-photo-part>
        <tidings-sign-up-rules .a=${a} .settings=${settings}></tidings-sign-up-rules>
        <tidings-sign-in-rules .a=${a} .settings=${settings}></tidings-sign-in-rules>
        <tidings-password-rules .a=${a} .settings=${settings}></tidings-password-rules>
        <tidings-public-rules .a=${a} .settings=${settings}></tidings-public-rules>
        <tidings-account-rules .a=${a} .settings=${settings}></tidings-account-rules>
      </div>`;
  }

  private take({ detail }: CustomEvent<ServerSettings>): void {
    this.settings = detail;
  }
}

customElements.define('tidings-settings-page', SettingsPage);
