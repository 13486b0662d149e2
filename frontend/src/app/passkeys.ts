import { askForPasskey } from '../api/accounts';
import type { Api } from '../api/client';

/** Whether this browser can be asked for a passkey here; pages without encryption have none. */
export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** The person's answer with a passkey, as the server takes it; a `DOMException` when they gave none. */
export async function provePasskey(api: Api): Promise<unknown> {
  const { public_key } = await askForPasskey(api);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(public_key);
  const credential = await navigator.credentials.get({ publicKey });
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('No passkey was given.', 'NotAllowedError');
  return credential.toJSON();
}
