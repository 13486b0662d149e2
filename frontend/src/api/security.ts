import type { Api } from './client';
import type { Identity, NewTotp, Passkey, RecoveryCodes, SecondFactors, UserSession } from './security-types';
import type { Me } from './types';

/** Proves again who one is, so that for some minutes credentials can be changed. */
export function confirmIdentity(api: Api, proof: { password: string } | { code: string } | { passkey: unknown }): Promise<unknown> {
  return api.post('/auth/confirm', proof);
}

export function changePassword(api: Api, current: string, password: string): Promise<Me> {
  return api.put('/users/me/password', { current_password: current, password });
}

export function readSecondFactors(api: Api): Promise<SecondFactors> {
  return api.get('/users/me/mfa');
}

/** A secret for an authenticator app, which counts once a code confirms it. */
export function beginTotp(api: Api): Promise<NewTotp> {
  return api.post('/users/me/mfa/totp');
}

export function confirmTotp(api: Api, code: string): Promise<SecondFactors> {
  return api.post('/users/me/mfa/totp/confirm', { code });
}

export function removeTotp(api: Api): Promise<void> {
  return api.delete('/users/me/mfa/totp');
}

/** New codes, shown this once; earlier ones are void. */
export function makeRecoveryCodes(api: Api): Promise<RecoveryCodes> {
  return api.post('/users/me/mfa/recovery-codes');
}

export async function listPasskeys(api: Api): Promise<Passkey[]> {
  return (await api.get<{ passkeys: Passkey[] }>('/users/me/passkeys')).passkeys;
}

/** What a browser needs to make a passkey. */
export function askForNewPasskey(api: Api): Promise<{ public_key: PublicKeyCredentialCreationOptionsJSON }> {
  return api.post('/users/me/passkeys/options');
}

export function addPasskey(api: Api, name: string, credential: unknown): Promise<Passkey> {
  return api.post('/users/me/passkeys', { name, credential });
}

export function renamePasskey(api: Api, id: string, name: string): Promise<Passkey> {
  return api.patch(`/users/me/passkeys/${id}`, { name });
}

export function removePasskey(api: Api, id: string): Promise<void> {
  return api.delete(`/users/me/passkeys/${id}`);
}

export async function listIdentities(api: Api): Promise<Identity[]> {
  return (await api.get<{ identities: Identity[] }>('/users/me/identities')).identities;
}

/** Where the browser goes to link a provider, and from there to one of our paths. */
export function beginLink(api: Api, slug: string, next: string): Promise<{ authorize_url: string }> {
  return api.post('/users/me/identities', { slug, next });
}

export function unlink(api: Api, id: string): Promise<void> {
  return api.delete(`/users/me/identities/${id}`);
}

export async function listSessions(api: Api): Promise<UserSession[]> {
  return (await api.get<{ sessions: UserSession[] }>('/users/me/sessions')).sessions;
}

export function endSession(api: Api, id: string): Promise<void> {
  return api.delete(`/users/me/sessions/${id}`);
}

/** Ends every session but the one that asks. */
export function endOtherSessions(api: Api): Promise<void> {
  return api.delete('/users/me/sessions');
}
