import type { ReactiveControllerHost } from 'lit';
import { accountLoaders, type AccountKey } from '../../../i18n/account-catalogues';
import type { Translator } from '../../../i18n/translator';
import english from '../../../locales/accounts/us.json';
import { PartSpeech } from '../../part-speech';

export type AccountTranslator = Translator<AccountKey>;

/** The words of the pages before and around signing in. */
export class AccountSpeech extends PartSpeech<AccountKey> {
  constructor(host: ReactiveControllerHost) {
    super(host, accountLoaders, english);
  }
}
