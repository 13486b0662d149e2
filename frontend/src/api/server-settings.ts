import type { Api } from './client';
import type { CURRENCIES, UNITS } from './profile';
import { sendFile } from './upload';

export const PASSWORD_TYPES = ['nist', 'strict', 'length_only'] as const;

/** What administrators decide for everybody. */
export interface ServerSettings {
  units: (typeof UNITS)[number];
  currency: (typeof CURRENCIES)[number];
  num_records_per_page: number;
  public_shareable_links: boolean;
  public_shareable_links_user_info: boolean;
  signup_enabled: boolean;
  signup_require_admin_approval: boolean;
  signup_require_email_verification: boolean;
  sso_enabled: boolean;
  local_login_enabled: boolean;
  sso_auto_redirect: boolean;
  mfa_required: boolean;
  password_type: (typeof PASSWORD_TYPES)[number];
  password_length_regular_users: number;
  password_length_admin_users: number;
}

export function readServerSettings(api: Api): Promise<ServerSettings> {
  return api.get('/server-settings');
}

/** Changes what is named and nothing else, also of what somebody else has changed since; what cannot be is refused. */
export async function changeServerSettings(api: Api, changes: Record<string, unknown>): Promise<ServerSettings> {
  return api.put('/server-settings', { ...(await readServerSettings(api)), ...changes });
}

export function putLoginPhoto(api: Api, photo: Blob, onProgress: (part: number) => void): Promise<{ photo_url: string }> {
  return sendFile(api, 'PUT', '/server-settings/login-photo', photo, onProgress);
}

export function removeLoginPhoto(api: Api): Promise<void> {
  return api.delete('/server-settings/login-photo');
}
