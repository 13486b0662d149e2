import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Key } from '../i18n/catalogues';
import { chooseLanguage, PSEUDO, tagOf, type Language } from '../i18n/languages';
import { loadTranslator } from '../i18n/load';
import { translator, type Translator } from '../i18n/translator';
import { app as english } from '../locales/us.json';
import { session } from './session';

export type AppTranslator = Translator<Key<'app'>>;

const KEY = 'tidings-language';

/** The language of the pages. Fires `change` once a new one is there. */
class Speech extends EventTarget {
  t: AppTranslator = translator(english, 'en-US');
  language: Language | typeof PSEUDO = 'us';

  /** The profile's language when somebody is signed in, else this device's choice, else the browser's. */
  async follow(): Promise<void> {
    await this.speak(chooseLanguage([session.me?.preferred_language, localStorage.getItem(KEY), ...navigator.languages]));
  }

  async choose(language: Language): Promise<void> {
    localStorage.setItem(KEY, language);
    await this.speak(language);
  }

  private async speak(language: Language | typeof PSEUDO): Promise<void> {
    const t = await loadTranslator('app', language, english);
    this.t = t;
    this.language = language;
    session.api.language = tagOf(language);
    document.documentElement.lang = t.tag;
    this.dispatchEvent(new Event('change'));
  }
}

export const speech = new Speech();

/** Draws a page again when the language changes. */
export class SpeechController implements ReactiveController {
  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    speech.addEventListener('change', this.draw);
  }

  hostDisconnected(): void {
    speech.removeEventListener('change', this.draw);
  }

  private readonly draw = (): void => this.host.requestUpdate();
}
