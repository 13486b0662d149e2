import { afterGoodbye, backoff, mayReconnect } from './backoff';
import { parseFrame, type Frame } from './frames';

export type ConnectionState = 'idle' | 'connecting' | 'live' | 'waiting' | 'stopped';

export interface ConnectionOptions {
  /** Asked anew for each attempt: the cursor and the token move on. */
  url: () => string;
  onFrame: (frame: Frame) => void;
  onState: (state: ConnectionState) => void;
  random?: () => number;
}

const CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_HEARTBEAT_S = 30;

/** One WebSocket that comes back by itself until it is closed or told to stop. */
export class Connection {
  state: ConnectionState = 'idle';
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retryMs: number | null = null;
  private heartbeatS = DEFAULT_HEARTBEAT_S;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  /** Connects now, also in the middle of a wait or after a stop. */
  open(): void {
    if (this.socket) return;
    clearTimeout(this.retryTimer);
    this.enter('connecting');
    const socket = new WebSocket(this.options.url());
    this.socket = socket;
    socket.onmessage = (message) => this.socket === socket && this.receive(String(message.data));
    socket.onclose = (close) => this.socket === socket && this.lose(close.code);
    this.expectWithin(CONNECT_TIMEOUT_MS);
  }

  close(): void {
    this.forget();
    this.attempt = 0;
    this.enter('idle');
  }

  /** Asks the server to go on from a cursor on the open connection. */
  resume(since: string): void {
    this.send({ type: 'resume', since });
  }

  private receive(text: string): void {
    const frame = parseFrame(text);
    if (!frame) return;
    if (frame.type === 'connected') {
      this.heartbeatS = frame.heartbeat_s || DEFAULT_HEARTBEAT_S;
      this.enter('live');
    } else if (frame.type === 'ping') {
      // Only a connection that lasted a heartbeat earns short delays again.
      this.attempt = 0;
      this.send({ type: 'pong' });
    } else if (frame.type === 'goodbye') {
      this.retryMs = frame.retry_ms;
    }
    this.expectWithin(2_000 * this.heartbeatS);
    this.options.onFrame(frame);
  }

  /** A connection can die without a close; silence for two heartbeats is taken for that. */
  private expectWithin(milliseconds: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.lose(1006), milliseconds);
  }

  private lose(closeCode: number): void {
    this.forget();
    if (!mayReconnect(closeCode)) {
      this.enter('stopped');
      return;
    }
    const delay =
      this.retryMs === null
        ? backoff(this.attempt++, this.options.random)
        : afterGoodbye(this.retryMs, this.options.random);
    this.retryMs = null;
    this.enter('waiting');
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private forget(): void {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    socket?.close();
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private enter(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }
}
