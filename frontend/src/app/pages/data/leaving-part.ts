import { html } from 'lit';
import { hrefOf } from '../../root';
import { session } from '../../session';
import { OwnPart } from '../own-part';
import { LeavingDialog } from './leaving-dialog';

/** The way out. */
export class LeavingPart extends OwnPart {
  override render() {
    const { a } = this;
    return this.renderPart(
      'leaving',
      a('data_leave'),
      html`<p class="lead">${a('data_leave_hint')}</p>
        <div class="own-buttons start">
          <button class="outlined own-danger" @click=${this.leave}>${a('data_leave_ask')}</button>
        </div>`,
    );
  }

  private async leave(): Promise<void> {
    if (!(await new LeavingDialog().ask())) return;
    // The address first: what becomes of it follows from nobody being signed in any more.
    history.replaceState(null, '', hrefOf('/sign-in?deleted'));
    await session.begin().catch(() => location.reload());
  }
}

customElements.define('tidings-leaving-part', LeavingPart);
