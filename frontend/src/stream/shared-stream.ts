import { Connection, type ConnectionOptions, type ConnectionState } from './connection';
import type { Frame } from './frames';

type Message = { frame: Frame } | { state: ConnectionState } | { hello: true } | { wake: true };

/**
 * One stream for all tabs of one person: the tab that gets the lock connects, the others hear its frames.
 * `name` must be different for different people, so that tabs of two accounts never hear each other.
 */
export class SharedStream {
  private readonly connection: Connection;
  private channel: BroadcastChannel | null = null;
  private lock: AbortController | null = null;
  private release: (() => void) | null = null;

  constructor(
    private readonly name: string,
    private readonly options: ConnectionOptions,
  ) {
    this.connection = new Connection({
      ...options,
      onFrame: (frame) => {
        options.onFrame(frame);
        this.tell({ frame });
      },
      onState: (state) => {
        options.onState(state);
        this.tell({ state });
      },
    });
  }

  /** True in the tab that holds the connection. */
  get leads(): boolean {
    return this.release !== null;
  }

  /** Starts listening, and leading as soon as no other tab does. Starting twice changes nothing. */
  start(): void {
    if (this.lock) return;
    this.listen();
    this.lock = new AbortController();
    // Locks exist on secure pages only; without them each tab keeps a stream of its own.
    if (!navigator.locks || !this.channel) {
      this.lead(() => undefined);
      return;
    }
    navigator.locks
      .request(this.name, { signal: this.lock.signal }, () => new Promise<void>((resolve) => this.lead(resolve)))
      .catch(() => undefined); // Aborted while waiting in line: this tab has gone to sleep.
    this.tell({ hello: true });
  }

  /** Lets go of the stream, so that a tab that is looked at can hold it; what others hear is still heard here. */
  pause(): void {
    this.lock?.abort();
    this.lock = null;
    const release = this.release;
    this.release = null;
    this.connection.close();
    release?.();
  }

  stop(): void {
    this.pause();
    this.channel?.close();
    this.channel = null;
  }

  /** Connects at once instead of at the end of the wait. */
  wake(): void {
    if (this.leads) this.connection.open();
    else this.tell({ wake: true });
  }

  resume(since: string): void {
    this.connection.resume(since);
  }

  private lead(release: () => void): void {
    if (!this.lock) {
      release();
      return;
    }
    this.release = release;
    this.connection.open();
  }

  private listen(): void {
    if (this.channel || typeof BroadcastChannel === 'undefined') return;
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = (event: MessageEvent<Message>) => this.hear(event.data);
  }

  private hear(message: Message): void {
    if (this.leads) {
      if ('hello' in message) this.tell({ state: this.connection.state });
      if ('wake' in message) this.connection.open();
      return;
    }
    if ('frame' in message) this.options.onFrame(message.frame);
    if ('state' in message) this.options.onState(message.state);
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }
}
