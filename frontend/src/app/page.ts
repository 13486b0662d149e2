import { LitElement } from 'lit';
import { speech, SpeechController, type AppTranslator } from './speech';

/** A page in the document's own tree, so that its one style sheet and password managers reach it. */
export class Page extends LitElement {
  constructor() {
    super();
    new SpeechController(this);
  }

  protected get t(): AppTranslator {
    return speech.t;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
