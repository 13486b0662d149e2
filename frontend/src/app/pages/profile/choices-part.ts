import { html } from 'lit';
import { CURRENCIES, UNITS, WEEK_DAYS } from '../../../api/profile';
import { LANGUAGES, type Language } from '../../../i18n/languages';
import { ownName } from '../../language-names';
import { renderChoice } from '../fields';
import { currencyName } from './currencies';
import { ProfilePart } from './profile-part';

/** A Sunday: the days of the week that follows it have their names from there. */
const A_SUNDAY = Date.UTC(2023, 0, 1);
const A_DAY = 86_400_000;

/** How the pages and letters speak and measure. */
export class ChoicesPart extends ProfilePart {
  override render() {
    const { a, t, profile } = this;
    const days = new Intl.DateTimeFormat(t.tag, { weekday: 'long', timeZone: 'UTC' });
    return this.renderPart(
      'choices',
      a('profile_choices'),
      html`<p class="lead">${a('profile_choices_hint')}</p>
        ${this.renderForm(html`
          ${renderChoice({
            name: 'preferred_language',
            label: t('language'),
            options: (Object.keys(LANGUAGES) as Language[])
              .map((value) => ({ value, label: ownName(value), lang: LANGUAGES[value] }))
              .sort((one, other) => one.label.localeCompare(other.label)),
            selected: profile.preferred_language,
            autocomplete: 'language',
          })}
          ${renderChoice({
            name: 'units',
            label: a('profile_units'),
            options: UNITS.map((value) => ({ value, label: a(`profile_units_${value}`) })),
            selected: profile.units,
          })}
          ${renderChoice({
            name: 'currency',
            label: a('profile_currency'),
            options: CURRENCIES.map((value) => ({ value, label: currencyName(value, t.tag) })),
            selected: profile.currency,
          })}
          ${renderChoice({
            name: 'first_day_of_week',
            label: a('profile_week_begins'),
            options: WEEK_DAYS.map((value, at) => ({ value, label: days.format(A_SUNDAY + at * A_DAY) })),
            selected: profile.first_day_of_week,
          })}
        `)}`,
    );
  }
}

customElements.define('tidings-choices-part', ChoicesPart);
