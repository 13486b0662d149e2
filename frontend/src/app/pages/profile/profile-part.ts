import { html, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { changeProfile, type Profile } from '../../../api/profile';
import { session } from '../../session';
import { OwnPart } from '../own-part';
import { faults } from './faults';
import { changesOf, typedOf, type Typed } from './profile-changes';

/** A form with a part of the profile: only what was changed in it is sent. */
export abstract class ProfilePart extends OwnPart {
  @property({ attribute: false }) profile!: Profile;

  protected get typed(): Typed {
    return typedOf(this.profile);
  }

  protected get faults(): Record<string, string> {
    return faults(this.attempt.failure, this.a, this.profile.units);
  }

  protected renderForm(fields: TemplateResult): TemplateResult {
    const isAtField = Object.keys(this.faults).length > 0;
    return html`<form @submit=${this.submit}>
      <div class="own-grid">${fields}</div>
      ${this.renderOutcome({ isAtField })}
      <div class="own-buttons start">${this.renderSubmit(this.a('profile_save'))}</div>
    </form>`;
  }

  protected submit(event: SubmitEvent): void {
    event.preventDefault();
    void this.save(event.target as HTMLFormElement);
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const after = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    const isDone = await this.act(async () => {
      const changes = changesOf(this.typed, after);
      if (Object.keys(changes).length) this.tell(await changeProfile(this.api, changes));
      return 'profile_saved';
    });
    if (isDone) form.reset(); // To what the server made of it: a user name in small letters, for instance.
  }

  /** The other parts of the page hear of it, and the pages speak the language and use the units at once. */
  private tell(profile: Profile): void {
    this.profile = profile;
    this.dispatchEvent(new CustomEvent<Profile>('profile', { detail: profile, bubbles: true }));
    session.use(profile);
  }
}
