import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { AccountKey } from '../../../i18n/account-catalogues';
import { exactTime, nearTime } from '../../moments';
import { OwnPart } from '../own-part';
import type { Security } from './reading';

type TimeKey = Extract<AccountKey, `security_at_${string}`>;

/** A part of the security page. It fires `changed` when it did something, so that the page reads itself anew. */
export abstract class SecurityPart extends OwnPart {
  @property({ attribute: false }) security!: Security;

  /** Names the part: the id of its heading, and the catalogue key of what it says. */
  protected abstract readonly name: 'passwords' | 'passkeys' | 'totp' | 'recovery' | 'identities' | 'sessions';
  protected abstract renderBody(): TemplateResult;

  override render(): TemplateResult {
    const { a, name } = this;
    return this.renderPart(name, html`${a(`security_${name}`)} ${this.renderBadge()}`, this.renderBody());
  }

  /** How it stands, beside the heading. */
  protected renderBadge(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** A sentence about a time: near ones as such, the exact one for who rests on it. */
  protected renderTime(key: TimeKey, iso: string): TemplateResult {
    const { tag } = this.t;
    return html`<time datetime=${iso} title=${exactTime(iso, tag)}>${this.a(key, { time: nearTime(iso, tag, new Date(), 'minute') })}</time>`;
  }

  /** Says what was done; without a word for it, only that things may be other than they are shown. */
  protected async did(what?: AccountKey): Promise<void> {
    this.dispatchEvent(new Event('changed'));
    await this.act(() => Promise.resolve(what));
  }

  /** What was said of the last time is over. */
  protected async hush(): Promise<void> {
    await this.act(() => Promise.resolve());
  }

  /** Brings the keyboard back to the button that opened what is closed now. */
  protected async goToOpener(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('.opener')?.focus();
  }
}
