import { html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { DeliveryVerb } from '../../../api/console';
import type { Delivery } from '../../../api/console-types';
import { explain } from '../../failures';
import { Page } from '../../page';
import type { ConsoleTranslator } from './console-speech';
import { recipientOf } from './delivery-row';

/** Asks before something is sent again or cancelled, and says so when that could not be done. */
export class DeliveryDialog extends Page {
  @property({ attribute: false }) c!: ConsoleTranslator;
  @property({ attribute: false }) act!: (delivery: Delivery, verb: DeliveryVerb, c: ConsoleTranslator) => Promise<void>;

  @state() private question: { delivery: Delivery; verb: DeliveryVerb } | null = null;
  @state() private isBusy = false;
  @state() private failure: unknown = null;
  @query('dialog') private dialog!: HTMLDialogElement;

  /** Opens with this question; what was focused before is focused again when it closes. */
  ask(delivery: Delivery, verb: DeliveryVerb): void {
    this.question = { delivery, verb };
    this.failure = null;
    this.dialog.showModal();
  }

  override render() {
    const { c, question } = this;
    return html`<dialog aria-labelledby="delivery-question" @close=${() => (this.question = null)}>
      ${question ? this.renderQuestion(question.delivery, question.verb, c) : nothing}
    </dialog>`;
  }

  private renderQuestion(delivery: Delivery, verb: DeliveryVerb, c: ConsoleTranslator) {
    const recipient = recipientOf(delivery) ?? c('nobody');
    const hint = verb === 'cancel' ? 'cancel_hint' : delivery.state === 'unknown' ? 'retry_unknown_hint' : 'retry_hint';
    return html`<h2 id="delivery-question">${c(`${verb}_question`)}</h2>
      <p><strong dir="auto">${delivery.title ?? delivery.kind}</strong> · <span dir="auto">${recipient}</span></p>
      <p>${c(hint)}</p>
      <div role="alert">${this.failure ? html`<p class="notice bad">${explain(this.failure, this.t)}</p>` : nothing}</div>
      <div class="buttons">
        <button class="outlined" @click=${() => this.dialog.close()}>${c(this.failure ? 'close' : 'keep')}</button>
        <button class="filled" aria-disabled=${this.isBusy} @click=${() => this.confirm(delivery, verb)}>${c(verb)}</button>
      </div>`;
  }

  private async confirm(delivery: Delivery, verb: DeliveryVerb): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await this.act(delivery, verb, this.c);
      this.dialog.close();
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
  }
}

customElements.define('tidings-delivery-dialog', DeliveryDialog);
