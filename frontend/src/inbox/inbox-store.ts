import { ProblemError, type Api } from '../api/client';
import type { Notification } from '../api/types';
import type { ConnectionState } from '../stream/connection';
import type { Frame, InboxFrame } from '../stream/frames';
import {
  applyFirstPage, applyFrame, applyNextPage, emptyInbox, isBehind, type InboxState, type Tab,
} from '../stream/inbox-state';
import { applyIntent, replaceEntry, type Intent } from '../stream/intents';
import { watchPresence } from '../stream/presence';
import { SharedStream } from '../stream/shared-stream';
import { catchUp, readAgain } from './catch-up';
import { identify } from './identity';
import { readPage, send, streamUrl } from './requests';

export type TabStatus = 'loading' | 'ready' | 'failed';

/**
 * One inbox on this page: reads pages, hears the stream, carries out what the person asks.
 * Events: `change` (draw again), `arrival` and `failure` (CustomEvents with the entry or the intent),
 * `language` (the profile's), `signed-out`.
 */
export class InboxStore extends EventTarget {
  connection: ConnectionState = 'idle';
  readonly status: Partial<Record<Tab, TabStatus>> = {};
  private state: InboxState = emptyInbox;
  private pending: Intent[] = [];
  private stream: SharedStream | null = null;
  private endPresence: (() => void) | null = null;
  /** Frames that came while a page was being read; null when they are applied at once. */
  private held: Frame[] | null = [];

  constructor(readonly api: Api) {
    super();
  }

  /** What the person sees: the known state with everything asked for laid over it. */
  get view(): InboxState {
    return this.pending.reduce((state, intent) => applyIntent(state, intent), this.state);
  }

  /** Reads the first page, then follows the stream. Called again after a failure, it tries again. */
  async start(): Promise<void> {
    this.endPresence ??= watchPresence({ onAway: () => this.stream?.pause(), onReturn: () => this.comeBack() });
    await Promise.all([this.show('all'), this.join()]);
  }

  stop(): void {
    this.endPresence?.();
    this.endPresence = null;
    this.stream?.stop();
    this.stream = null;
    this.held = [];
  }

  /** Loads a tab's first page, unless it is there. */
  async show(tab: Tab): Promise<void> {
    if (this.status[tab] === 'loading' || this.status[tab] === 'ready') return;
    await this.load(tab, async () => {
      const page = await readPage(this.api, tab, null);
      this.state = applyFirstPage(this.state, tab, page);
      if (tab === 'all') this.release();
    });
  }

  async loadMore(tab: Tab): Promise<void> {
    const cursor = this.state.listings[tab]?.nextCursor;
    if (!cursor || this.status[tab] === 'loading') return;
    await this.load(tab, async () => {
      this.state = applyNextPage(this.state, tab, await readPage(this.api, tab, cursor));
    });
  }

  /** Shows the result at once, asks the server, and takes it back when the answer is no. */
  async perform(intent: Intent): Promise<boolean> {
    const revision = 'id' in intent ? this.state.entries.get(intent.id)?.revision : undefined;
    this.pending = [...this.pending, intent];
    this.changed();
    try {
      await this.settle(intent, await send(this.api, intent), revision);
      return true;
    } catch (error) {
      this.refused(error);
      this.dispatchEvent(new CustomEvent('failure', { detail: intent }));
      return false;
    } finally {
      this.pending = this.pending.filter((other) => other !== intent);
      this.changed();
    }
  }

  /** Asks for what may have been missed. */
  async refresh(): Promise<void> {
    await this.catchUp();
    this.reconnect();
  }

  /** Connects at once instead of at the end of the wait, also after a stop. */
  reconnect(): void {
    this.stream?.wake();
  }

  private async settle(intent: Intent, answer: object, revision: number | undefined): Promise<void> {
    if (intent.kind === 'read_all') await this.catchUp();
    else if (intent.kind === 'seen_all') this.state = applyIntent(this.state, intent);
    // A frame that was faster is newer than the answer, or the same.
    else if (this.state.entries.get(intent.id)?.revision === revision) {
      this.state = replaceEntry(this.state, answer as Notification);
    }
  }

  private async load(tab: Tab, read: () => Promise<void>): Promise<void> {
    this.status[tab] = 'loading';
    this.changed();
    try {
      await read();
      this.status[tab] = 'ready';
    } catch (error) {
      this.status[tab] = 'failed';
      this.refused(error);
    }
    this.changed();
    this.connect();
  }

  private async join(): Promise<void> {
    if (this.stream) return;
    try {
      const { key, language } = await identify(this.api);
      if (!this.endPresence || this.stream) return;
      this.stream = new SharedStream(`tidings:${this.api.server}:${key}`, {
        url: () => streamUrl(this.api, this.state.cursor),
        onFrame: (frame) => this.receive(frame),
        onState: (state) => this.enter(state),
      });
      if (language) this.dispatchEvent(new CustomEvent('language', { detail: language }));
      this.connect();
    } catch (error) {
      this.refused(error);
    }
  }

  /** The stream starts where the first page ends, so nothing falls in between. */
  private connect(): void {
    if (this.state.cursor !== null && document.visibilityState === 'visible') this.stream?.start();
  }

  private enter(state: ConnectionState): void {
    this.connection = state;
    if (state === 'stopped' && !this.api.token) identify(this.api).catch((error: unknown) => this.refused(error));
    this.changed();
  }

  private receive(frame: Frame): void {
    if (this.held) this.held.push(frame);
    else if (frame.type === 'reset') void this.reload();
    else if (frame.type !== 'custom' && frame.type !== 'goodbye') this.apply(frame);
  }

  private apply(frame: InboxFrame): void {
    const isMissing = isBehind(this.state, frame);
    const before = this.state;
    this.state = applyFrame(before, frame);
    this.changed();
    const isArrival = 'event' in frame && (frame.event === 'new_notification' || frame.event === 'new_announcement');
    if (isArrival && before.entries.get(frame.data.id)?.revision !== frame.data.revision) {
      this.dispatchEvent(new CustomEvent('arrival', { detail: frame.data }));
    }
    if (isMissing) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    const cursor = this.state.cursor;
    if (cursor !== null && !this.held) await this.replace(() => catchUp(this.api, this.state, cursor));
  }

  private async reload(): Promise<void> {
    await this.replace(() => readAgain(this.api, this.state));
    if (this.state.cursor) this.stream?.resume(this.state.cursor);
  }

  /** Frames wait until the newly read state is there. After a failure the next heartbeat notices the gap again. */
  private async replace(read: () => Promise<InboxState>): Promise<void> {
    this.held = [];
    try {
      this.state = await read();
    } catch (error) {
      this.refused(error);
    }
    this.release();
  }

  private release(): void {
    const held = this.held ?? [];
    this.held = null;
    this.changed();
    for (const frame of held) this.receive(frame);
  }

  private comeBack(): void {
    this.connect();
    if (this.connection === 'waiting') this.reconnect();
    this.changed();
  }

  private refused(error: unknown): void {
    const isSignedOut = error instanceof ProblemError && (error.status === 401 || error.isDuty);
    if (isSignedOut) this.dispatchEvent(new Event('signed-out'));
  }

  private changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
