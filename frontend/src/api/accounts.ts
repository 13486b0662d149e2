import type { Api } from './client';
import type { Administrator, Me, SignInAnswer } from './types';

export function signIn(api: Api, login: string, password: string): Promise<SignInAnswer> {
  return api.post('/auth/login', { login, password });
}

/** The second step, for accounts with an authenticator. */
export function confirmSignIn(api: Api, mfaToken: string, code: string): Promise<SignInAnswer> {
  return api.post('/auth/mfa', { mfa_token: mfaToken, code });
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
