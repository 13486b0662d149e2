import { whoAmI } from '../api/accounts';
import type { Api } from '../api/client';

export interface Identity {
  /** Tells people apart, so that tabs of two accounts never share a stream. */
  key: string;
  /** As the profile has it; unknown for a recipient. */
  language: string | null;
}

/** Who this inbox belongs to: the subject of the recipient token, else whoever the cookie or access token names. */
export async function identify(api: Api): Promise<Identity> {
  const subject = api.token && subjectOf(api.token);
  if (subject) return { key: subject, language: null };
  const me = await whoAmI(api);
  return { key: me.id, language: me.preferred_language };
}

/** The `sub` of a JWT, read without checking it: the server does that. Null for any other token. */
export function subjectOf(token: string): string | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims = JSON.parse(atob(payload)) as { sub?: unknown };
    return typeof claims.sub === 'string' ? claims.sub : null;
  } catch {
    return null;
  }
}
