import type { ReactiveControllerHost } from 'lit';

/** What a button does: once at a time, and what kept it from being done is there to be shown. */
export class Attempt {
  isBusy = false;
  failure: unknown = null;

  constructor(private readonly host: ReactiveControllerHost & HTMLElement) {}

  /** Whether it was done. A complaint about a field brings the keyboard there. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.show({ isBusy: true, failure: null });
    let failure: unknown = null;
    await act().catch((error: unknown) => (failure = error));
    this.show({ isBusy: false, failure });
    await this.host.updateComplete;
    if (failure) this.host.querySelector<HTMLElement>('[aria-invalid]')?.focus();
    return !failure;
  }

  forget(): void {
    this.show({ isBusy: false, failure: null });
  }

  private show({ isBusy, failure }: { isBusy: boolean; failure: unknown }): void {
    this.isBusy = isBusy;
    this.failure = failure;
    this.host.requestUpdate();
  }
}
