import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../../../elements/icons';
import type { AccountTranslator } from '../accounts/account-speech';

export interface Copying {
  text: string;
  isCopied: boolean;
  done: (isCopied: boolean) => void;
}

/** A button that copies a text, where the browser can: pages without encryption have no clipboard. */
export function renderCopying(a: AccountTranslator, { text, isCopied, done }: Copying): TemplateResult | typeof nothing {
  const { clipboard } = navigator as { clipboard?: Clipboard };
  if (!clipboard) return nothing;
  const copy = async (): Promise<void> =>
    done(
      await clipboard.writeText(text).then(
        () => true,
        () => false, // The browser says no: the text stands there to be copied by hand.
      ),
    );
  return html`<button type="button" class="outlined" @click=${copy}>
    ${icon(isCopied ? 'check' : 'copy')}<span aria-live="polite">${a(isCopied ? 'security_copied' : 'security_copy')}</span>
  </button>`;
}
