import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Holds new entries back while the reader is further down, so that nothing moves under their eyes. The top of the
 * list is watched, which works alike for a scrolling page and a scrolling panel.
 */
export class ScrollHold implements ReactiveController {
  readonly held = new Set<string>();
  private isAtTop = true;
  private observer: IntersectionObserver | null = null;
  private top: Element | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.observer?.disconnect();
    this.observer = null;
    this.top = null;
    this.isAtTop = true;
  }

  /** Given to Lit's `ref`: the marker at the top of the list. */
  readonly watch = (top: Element | undefined): void => {
    if (!top || top === this.top || typeof IntersectionObserver === 'undefined') return;
    this.top = top;
    this.observer?.disconnect();
    this.observer = new IntersectionObserver((seen) => this.look(seen.at(-1)?.isIntersecting ?? true));
    this.observer.observe(top);
  };

  arrival(id: string): void {
    if (!this.isAtTop) this.held.add(id);
  }

  /** Shows what was held and goes up to it. */
  showHeld(): void {
    this.held.clear();
    this.host.requestUpdate();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.top?.scrollIntoView({ block: 'start', behavior: isCalm ? 'auto' : 'smooth' });
  }

  private look(isAtTop: boolean): void {
    // A list that is not on screen at all (a closed panel) is not being read.
    const isShown = (this.top?.getClientRects().length ?? 0) > 0;
    this.isAtTop = isAtTop || !isShown;
    if (this.isAtTop && this.held.size) {
      this.held.clear();
      this.host.requestUpdate();
    }
  }
}
