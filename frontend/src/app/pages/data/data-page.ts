import { html } from 'lit';
import { state } from 'lit/decorators.js';
import { readExport, type Export } from '../../../api/own-data';
import type { AccountTranslator } from '../accounts/account-speech';
import { OwnPage } from '../own-page';
import './export-part';
import './import-part';
import './leaving-part';

/** What becomes of somebody's data: carried away, brought along, deleted. */
export class DataPage extends OwnPage {
  protected readonly heading = 'data';
  @state() private copy: Export | null = null;

  protected async load(): Promise<void> {
    this.copy = await readExport(this.api);
  }

  protected renderWith(a: AccountTranslator) {
    return html`<div class="own-parts">
      <tidings-export-part .a=${a} .copy=${this.copy}></tidings-export-part>
      <tidings-import-part .a=${a}></tidings-import-part>
      <tidings-leaving-part .a=${a}></tidings-leaving-part>
    </div>`;
  }
}

customElements.define('tidings-data-page', DataPage);
