import type { Api } from './client';
import type { Administrator, Applicant, Guest, Me, Proof, Providers, PublicSettings, SignInAnswer, SignedIn } from './types';

export function signIn(api: Api, login: string, password: string): Promise<SignInAnswer> {
  return api.post('/auth/login', { login, password });
}

/** The second step, for accounts that have one. */
export function confirmSignIn(api: Api, mfaToken: string, proof: Proof): Promise<SignInAnswer> {
  return api.post('/auth/mfa', { mfa_token: mfaToken, ...proof });
}

/** What a browser needs to ask for a passkey. */
export function askForPasskey(api: Api): Promise<{ public_key: PublicKeyCredentialRequestOptionsJSON }> {
  return api.post('/auth/passkey/options');
}

export function signInWithPasskey(api: Api, passkey: unknown): Promise<SignedIn> {
  return api.post('/auth/passkey', { passkey });
}

/** Who else vouches for people here. */
export function listProviders(api: Api): Promise<Providers> {
  return api.get('/auth/providers');
}

/** Where the browser goes to sign in with a provider, and from there to one of our paths. */
export function providerAddress(api: Api, slug: string, next: string): string {
  return api.url(`/auth/oidc/${encodeURIComponent(slug)}/start`, { next }).href;
}

/** What a page may know before anybody has signed in. */
export function readPublicSettings(api: Api): Promise<PublicSettings> {
  return api.get('/public/server-settings');
}

/** Asks for an account; the answer is the same whether or not the address is known. */
export function signUp(api: Api, applicant: Applicant): Promise<unknown> {
  return api.post('/auth/sign-up', applicant);
}

/** Uses the link of a letter about an address: that of a sign-up, a new one, or the old one again. */
export function useAddressLink(api: Api, token: string): Promise<{ state: string }> {
  return api.post('/auth/verify-email', { token });
}

export function resendVerification(api: Api, email: string): Promise<unknown> {
  return api.post('/auth/verify-email/resend', { email });
}

export function askForReset(api: Api, email: string): Promise<unknown> {
  return api.post('/auth/password-reset/request', { email });
}

export function resetPassword(api: Api, token: string, password: string): Promise<unknown> {
  return api.post('/auth/password-reset/confirm', { token, new_password: password });
}

export function acceptInvitation(api: Api, guest: Guest): Promise<{ state: string }> {
  return api.post('/auth/invitation', guest);
}

export function signOut(api: Api): Promise<void> {
  return api.post('/auth/logout');
}

/** Who is signed in; a `ProblemError` with status 401 when nobody is. */
export function whoAmI(api: Api): Promise<Me> {
  return api.get('/users/me');
}

export function createAdministrator(api: Api, administrator: Administrator): Promise<unknown> {
  return api.post('/setup', administrator);
}
