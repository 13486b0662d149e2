import type { ReactiveController } from 'lit';
import type { InboxHost, StoreController } from './store-controller';

const LOOK_MS = 600;
const RETRY_MS = 30_000;

/** Tells the server that new entries have been seen, once the list has been on screen for a moment. */
export class SeenWatch implements ReactiveController {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private notBefore = 0;

  constructor(
    private readonly host: InboxHost,
    private readonly inbox: StoreController,
    private readonly isShowing: () => boolean,
  ) {
    host.addController(this);
  }

  hostUpdated(): void {
    if (this.timer === undefined && this.isDue()) this.timer = setTimeout(() => this.tell(), LOOK_MS);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private isDue(): boolean {
    const isVisible = document.visibilityState === 'visible' && this.host.checkVisibility?.() !== false;
    const hasUnseen = (this.inbox.store?.view.unseenCount ?? 0) > 0;
    return isVisible && hasUnseen && this.isShowing() && Date.now() >= this.notBefore;
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    if (!this.isDue()) return;
    const isTold = await this.inbox.store?.perform({ kind: 'seen_all' });
    if (!isTold) this.notBefore = Date.now() + RETRY_MS;
  }
}
