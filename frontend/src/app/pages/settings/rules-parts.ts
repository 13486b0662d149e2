import { html, type TemplateResult } from 'lit';
import { CURRENCIES, UNITS } from '../../../api/profile';
import { PASSWORD_TYPES } from '../../../api/server-settings';
import { currencyName } from '../profile/currencies';
import { RulesPart } from './rules-part';

/** Who may ask for an account. */
export class SignUpRules extends RulesPart {
  protected readonly name = 'signing_up';

  protected renderFields(): TemplateResult {
    return html`<div>
      ${this.renderFlag('signup_enabled')} ${this.renderFlag('signup_require_email_verification')}
      ${this.renderFlag('signup_require_admin_approval')}
    </div>`;
  }
}

/** How people come in. */
export class SignInRules extends RulesPart {
  protected readonly name = 'signing_in';

  protected renderFields(): TemplateResult {
    return html`<div>
      ${this.renderFlag('local_login_enabled')} ${this.renderFlag('sso_enabled')} ${this.renderFlag('sso_auto_redirect')}
      ${this.renderFlag('mfa_required')}
    </div>`;
  }
}

/** Which passwords are taken. */
export class PasswordRules extends RulesPart {
  protected readonly name = 'passwords';

  protected renderFields(): TemplateResult {
    const { a } = this;
    const types = PASSWORD_TYPES.map((value) => ({ value, label: a(`settings_password_type_${value}`) }));
    return html`${this.renderChoiceOf('password_type', a('settings_password_type'), types)}
      <div class="own-grid">
        ${this.renderCount('password_length_regular_users', 8, 64)} ${this.renderCount('password_length_admin_users', 8, 64)}
      </div>
      <p class="hint">${a('settings_password_length_hint')}</p>`;
  }
}

/** What everybody may see of people. */
export class PublicRules extends RulesPart {
  protected readonly name = 'public';

  protected renderFields(): TemplateResult {
    return html`<div>${this.renderFlag('public_shareable_links')} ${this.renderFlag('public_shareable_links_user_info')}</div>`;
  }
}

/** What accounts begin with, and how long the pages of lists are. */
export class AccountRules extends RulesPart {
  protected readonly name = 'new_accounts';

  protected renderFields(): TemplateResult {
    const { a, t } = this;
    const units = UNITS.map((value) => ({ value, label: a(`profile_units_${value}`) }));
    const currencies = CURRENCIES.map((value) => ({ value, label: currencyName(value, t.tag) }));
    return html`<div class="own-grid">
      ${this.renderChoiceOf('units', a('profile_units'), units)}
      ${this.renderChoiceOf('currency', a('profile_currency'), currencies)} ${this.renderCount('num_records_per_page', 1, 100)}
    </div>`;
  }
}

customElements.define('tidings-sign-up-rules', SignUpRules);
customElements.define('tidings-sign-in-rules', SignInRules);
customElements.define('tidings-password-rules', PasswordRules);
customElements.define('tidings-public-rules', PublicRules);
customElements.define('tidings-account-rules', AccountRules);
