import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Language } from '../i18n/languages';
import { loadFrom } from '../i18n/load';
import type { Messages, Translator } from '../i18n/translator';
import { speech } from './speech';

type Loader = () => Promise<{ default: unknown }>;

/** The words of some pages, which stand in a catalogue of their own, in the language of all; null until they are there. */
export class PartSpeech<Key extends string> implements ReactiveController {
  t: Translator<Key> | null = null;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly loaders: Record<Exclude<Language, 'us'>, Loader>,
    private readonly english: Messages<Key>,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    speech.addEventListener('change', this.follow);
    void this.follow();
  }

  hostDisconnected(): void {
    speech.removeEventListener('change', this.follow);
  }

  private readonly follow = async (): Promise<void> => {
    const { language } = speech;
    const t = await loadFrom(async (code) => (await this.loaders[code]()).default as Messages<Key>, language, this.english);
    if (language !== speech.language) return; // Another language was chosen meanwhile, and is on its way.
    this.t = t;
    this.host.requestUpdate();
  };
}
