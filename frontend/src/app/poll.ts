import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Does something again and again while the page is looked at: at once when it is shown or back on the network, and
 * a while after each time it is done, so that a slow server is never asked twice at once.
 */
export class Poll implements ReactiveController {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private isWantedAgain = false;
  private isConnected = false;

  constructor(
    host: ReactiveControllerHost,
    private readonly seconds: number,
    private readonly work: () => Promise<void>,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.isConnected = true;
    document.addEventListener('visibilitychange', this.look);
    window.addEventListener('online', this.now);
    this.look();
  }

  hostDisconnected(): void {
    this.isConnected = false;
    document.removeEventListener('visibilitychange', this.look);
    window.removeEventListener('online', this.now);
    clearTimeout(this.timer);
  }

  /** Does it now; while it is being done, once more after that, because what is on its way may be out of date. */
  readonly now = (): Promise<void> => {
    this.isWantedAgain = this.running !== null;
    this.running ??= this.run();
    return this.running;
  };

  private readonly look = (): void => {
    if (!this.running && !document.hidden) void this.now();
  };

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    do {
      this.isWantedAgain = false;
      await this.work();
    } while (this.isWantedAgain && this.isConnected);
    this.running = null;
    if (this.isConnected) this.timer = setTimeout(this.look, this.seconds * 1_000);
  }
}
