import { html, nothing, type TemplateResult } from 'lit';
import { GENDERS } from '../../../api/profile';
import { renderChoice, renderField, type Field } from '../fields';
import { lastBirthdate } from './birthdates';
import { ProfilePart } from './profile-part';

/** Who somebody is, as they say themselves. */
export class AboutPart extends ProfilePart {
  override render() {
    const { a, t, typed } = this;
    const field = (field: Field): TemplateResult =>
      renderField({ ...field, value: typed[field.name] ?? '', error: this.faults[field.name] });
    return this.renderPart(
      'about',
      a('profile_about'),
      this.renderForm(html`
        ${field({ name: 'name', label: t('name'), autocomplete: 'name' })}
        ${field({ name: 'username', label: t('username'), autocomplete: 'username', hint: t('username_hint') })}
        ${field({ name: 'city', label: a('profile_city'), autocomplete: 'address-level2', isOptional: true })}
        ${field({
          name: 'birthdate',
          label: a('profile_birthdate'),
          type: 'date',
          autocomplete: 'bday',
          isOptional: true,
          max: lastBirthdate(new Date()),
        })}
        ${renderChoice({
          name: 'gender',
          label: a('profile_gender'),
          options: GENDERS.map((value) => ({ value, label: a(`profile_gender_${value}`) })),
          selected: this.profile.gender,
          autocomplete: 'sex',
        })}
        ${field({
          name: 'max_heart_rate',
          label: a('profile_max_heart_rate'),
          autocomplete: 'off',
          inputmode: 'numeric',
          isOptional: true,
        })}
        ${this.profile.units === 'imperial'
          ? this.renderFeet()
          : field({
              name: 'height',
              label: a('profile_height_in', { unit: 'cm' }),
              autocomplete: 'off',
              inputmode: 'numeric',
              isOptional: true,
            })}
      `),
    );
  }

  /** Two fields that are one height: what the server says of it stands below both. */
  private renderFeet(): TemplateResult {
    const { a, typed } = this;
    const error = this.faults['height'];
    const input = (name: 'feet' | 'inches'): TemplateResult => html`<label>
      <input
        name=${name}
        inputmode="numeric"
        autocomplete="off"
        maxlength="3"
        value=${typed[name] ?? ''}
        aria-invalid=${error ? 'true' : nothing}
        aria-describedby=${error ? 'height-error' : nothing}
      />
      <span>${a(`profile_${name}`)}</span>
    </label>`;
    return html`<fieldset class="field own-feet">
      <legend>${a('profile_height')}</legend>
      <div>${input('feet')} ${input('inches')}</div>
      ${error ? html`<p class="complaint" id="height-error">${error}</p>` : nothing}
    </fieldset>`;
  }
}

customElements.define('tidings-about-part', AboutPart);
