import type { AppTranslator } from '../../speech';
import type { Field } from '../fields';
import type { AccountTranslator } from './account-speech';

/** What everybody chooses who gets an account. */
export function newAccountFields(
  a: AccountTranslator,
  t: AppTranslator,
  length: number,
): { name: Field; username: Field; password: Field } {
  return {
    name: { name: 'name', label: t('name'), autocomplete: 'name' },
    username: {
      name: 'username',
      label: t('username'),
      autocomplete: 'username',
      hint: t('username_hint'),
      pattern: '[a-zA-Z0-9.]+',
    },
    password: {
      name: 'password',
      label: t('password'),
      autocomplete: 'new-password',
      hint: a('password_advice', { count: length }),
    },
  };
}
