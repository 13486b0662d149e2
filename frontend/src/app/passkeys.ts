import { askForPasskey } from '../api/accounts';
import type { Api } from '../api/client';
import { askForNewPasskey } from '../api/security';

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

/** Whether this browser can make a passkey here. */
export function canMakePasskeys(): boolean {
  return canUsePasskeys() && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

/** The person or the device would make no passkey. */
export class PasskeyNotMade extends Error {}

/** The device has a passkey of this account already. */
export class PasskeyAtHand extends Error {}

/** A new passkey, as the server takes it. Throws `PasskeyNotMade` and `PasskeyAtHand`. */
export async function makePasskey(api: Api): Promise<unknown> {
  const { public_key } = await askForNewPasskey(api);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(public_key);
  const credential = await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
    // WebAuthn Level 3, §5.1.3: what we excluded is there.
    const isAtHand = error instanceof DOMException && error.name === 'InvalidStateError';
    throw isAtHand ? new PasskeyAtHand() : new PasskeyNotMade();
  });
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyNotMade();
  return credential.toJSON();
}
