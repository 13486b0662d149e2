import type { Notification } from '../api/types';

/** Where the stream stands after a frame, with the counters at that moment. */
interface Position {
  cursor: string;
  unread_count: number;
  unseen_count: number;
}

export interface ConnectedFrame extends Position {
  type: 'connected';
  heartbeat_s: number;
}

export interface ArrivedFrame extends Position {
  type: 'notification';
  event: 'new_notification' | 'updated';
  data: Notification;
}

export interface DeletedFrame extends Position {
  type: 'notification';
  event: 'deleted';
  data: { id: string };
}

export interface AllReadFrame extends Position {
  type: 'notification';
  event: 'all_read';
  data: { notification_type: string | null; read_at: string; affected_count: number };
}

export interface AnnouncementFrame extends Position {
  type: 'announcement';
  event: 'new_announcement';
  data: Notification;
}

/** A heartbeat; both sides notice a gap by its cursor. */
export interface PingFrame {
  type: 'ping';
  cursor: string;
  unread_count: number;
  unseen_count?: number;
}

/** The cursor no longer leads anywhere: read the first page again. */
export interface ResetFrame {
  type: 'reset';
  reason: string;
}

/** The server is about to close; come back after about this long. */
export interface GoodbyeFrame {
  type: 'goodbye';
  retry_ms: number;
}

/** A transient message of the host app: carries no cursor and is not kept. */
export interface CustomFrame {
  type: 'custom';
  data: unknown;
}

export type InboxFrame = ConnectedFrame | ArrivedFrame | DeletedFrame | AllReadFrame | AnnouncementFrame | PingFrame;
export type Frame = InboxFrame | ResetFrame | GoodbyeFrame | CustomFrame;

/** Reads one message of the server; null for what this version does not know. */
export function parseFrame(text: string): Frame | null {
  try {
    const frame = JSON.parse(text) as Frame;
    return typeof frame.type === 'string' ? frame : null;
  } catch {
    return null;
  }
}
