import { ProblemError, type Api } from './client';
import { sendFile } from './upload';

export interface Export {
  id: string;
  state: 'running' | 'ready' | 'failed';
  /** In per cent. */
  progress: number;
  /** In bytes. */
  size: number;
  requested_at: string;
  ready_at: string | null;
  expires_at: string;
  download_url: string | null;
}

export interface Imported {
  imported: Record<string, number>;
  left_out: string[];
}

/** How far one's export has come; null where there is none. */
export async function readExport(api: Api): Promise<Export | null> {
  try {
    return await api.get<Export>('/users/me/export');
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'export_not_found') return null;
    throw error;
  }
}

export function askForExport(api: Api): Promise<Export> {
  return api.post('/users/me/export');
}

export function removeExport(api: Api): Promise<void> {
  return api.delete('/users/me/export');
}

/** Where the archive is downloaded. */
export function exportAddress(api: Api): string {
  return api.url('/users/me/export/download').href;
}

export function takeExportIn(api: Api, file: Blob, onProgress: (part: number) => void): Promise<Imported> {
  return sendFile(api, 'POST', '/users/me/import', file, onProgress);
}

/** Removes the account with everything in it; a recent sign-in is needed. */
export function removeAccount(api: Api): Promise<void> {
  return api.delete('/users/me');
}
