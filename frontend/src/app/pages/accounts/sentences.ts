import { ProblemError } from '../../../api/client';
import type { Me, PublicSettings } from '../../../api/types';
import type { AccountKey } from '../../../i18n/account-catalogues';
import english from '../../../locales/accounts/us.json';
import { explain } from '../../failures';
import { PasskeyAtHand, PasskeyNotMade } from '../../passkeys';
import type { AppTranslator } from '../../speech';
import type { AccountTranslator } from './account-speech';

/** Codes that mean to a reader what another one means. */
const ALIASES: Record<string, string> = {
  string_too_short: 'password_too_short',
  token_invalid: 'sign_in_expired',
  rate_limited: 'too_many_attempts',
  identity_provider_not_found: 'sso_disabled',
  identity_unproven: 'provider_unusable',
  session_not_found: 'gone',
  passkey_not_found: 'gone',
  identity_not_found: 'gone',
  totp_not_found: 'gone',
};
const PASSWORDS = ['password', 'new_password'];

/** How many characters a new password needs; for somebody whose rights are not known, what is enough for all. */
export function passwordLength(settings: PublicSettings, whose: 'regular' | 'unknown' | Pick<Me, 'access_type' | 'mfa_enabled'>): number {
  const { password_length_regular_users: regular, password_length_admin_users: admin, password_length_with_mfa: withMfa } = settings;
  if (whose === 'regular') return regular;
  if (whose === 'unknown') return Math.max(regular, admin);
  if (whose.mfa_enabled && withMfa !== null) return withMfa;
  return whose.access_type === 'admin' ? admin : regular;
}

/** Whether the link of a letter can no longer be used. */
export function isDeadLink(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'token_invalid';
}

/** What to tell the person: our sentence for the code, else the server's own words. */
export function sentence(error: unknown, a: AccountTranslator, t: AppTranslator): string {
  if (error instanceof DOMException) return a('passkey_failed');
  if (error instanceof PasskeyNotMade) return a('security_passkey_not_made');
  if (error instanceof PasskeyAtHand) return a('error_passkey_known');
  const code = error instanceof ProblemError ? error.code : '';
  const key = `error_${ALIASES[code] ?? code}`;
  return isKey(key) ? a(key) : explain(error, t);
}

/** A sentence or more for each field that the server complained about, by the field's name; then what would be better. */
export function complaints(error: unknown, a: AccountTranslator, length: number): Record<string, string> {
  const errors = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  const found: Record<string, Set<string>> = {};
  const say = (name: string, text: string): unknown => (found[name] ??= new Set()).add(text);
  for (const { pointer, code, detail } of errors) {
    const key = `fault_${(PASSWORDS.includes(fieldOf(pointer)) && ALIASES[code]) || code}`;
    say(fieldOf(pointer), isKey(key) ? a(key, { count: length }) : detail);
  }
  for (const { pointer, advice = [] } of errors) {
    const keys = advice.map((code) => `advice_${code}`);
    for (const key of keys) if (isKey(key)) say(fieldOf(pointer), a(key));
  }
  return Object.fromEntries(Object.entries(found).map(([name, texts]) => [name, [...texts].join(' ')]));
}

function fieldOf(pointer: string): string {
  return pointer.split('/').at(-1) ?? '';
}

function isKey(key: string): key is AccountKey {
  return Object.hasOwn(english, key);
}
