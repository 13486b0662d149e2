import { signOut, whoAmI } from '../api/accounts';
import { Api, ProblemError } from '../api/client';
import type { Me } from '../api/types';
import { root } from './root';

const CHANNEL = 'tidings-session';

/** Who is signed in in this browser. Fires `change`. */
class Session extends EventTarget {
  readonly api = new Api({ server: root, onRefusal: (refusal) => this.hear(refusal) });
  /** Undefined until it is known. */
  me: Me | null | undefined;
  /** Somebody was signed in here since the page was loaded. */
  hasKnownSomebody = false;
  private readonly channel = new BroadcastChannel(CHANNEL);

  constructor() {
    super();
    // The cookie is shared by all tabs: when it becomes another person's, what this tab shows is not theirs.
    this.channel.onmessage = (event: MessageEvent<string | null>) => {
      if (this.me !== undefined && event.data !== (this.me?.id ?? null)) location.reload();
    };
  }

  /** Asks the server; any failure other than "nobody" is the caller's to show. */
  async load(): Promise<void> {
    try {
      this.set(await whoAmI(this.api));
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
      this.set(null);
    }
  }

  async begin(): Promise<void> {
    await this.load();
    this.channel.postMessage(this.me?.id ?? null);
  }

  async end(): Promise<void> {
    await signOut(this.api);
    this.set(null);
    this.channel.postMessage(null);
  }

  /** A duty that came up since: once it is known, the app leads to the page for it. */
  private hear(refusal: ProblemError): void {
    if (refusal.isDuty) void this.load().catch(() => undefined); // Whoever was refused says so.
  }

  /** Goes on with what the server just said of this person. */
  use(me: Me): void {
    this.set(me);
  }

  private set(me: Me | null): void {
    this.me = me;
    this.hasKnownSomebody ||= me !== null;
    this.dispatchEvent(new Event('change'));
  }
}

export const session = new Session();
