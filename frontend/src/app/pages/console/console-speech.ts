import type { ReactiveControllerHost } from 'lit';
import { consoleLoaders, type ConsoleKey } from '../../../i18n/console-catalogues';
import type { Translator } from '../../../i18n/translator';
import english from '../../../locales/console/us.json';
import { PartSpeech } from '../../part-speech';

export type ConsoleTranslator = Translator<ConsoleKey>;

/** The console's words. */
export class ConsoleSpeech extends PartSpeech<ConsoleKey> {
  constructor(host: ReactiveControllerHost) {
    super(host, consoleLoaders, english);
  }
}
