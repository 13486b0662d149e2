import { listProviders, readPublicSettings, whoAmI } from '../../../api/accounts';
import type { Api } from '../../../api/client';
import { listIdentities, listPasskeys, listSessions, readSecondFactors } from '../../../api/security';
import type { Identity, Passkey, SecondFactors, UserSession } from '../../../api/security-types';
import type { Me, Providers, PublicSettings } from '../../../api/types';

/** Everything the security page shows. */
export interface Security {
  me: Me;
  settings: PublicSettings;
  factors: SecondFactors;
  passkeys: Passkey[];
  identities: Identity[];
  providers: Providers['providers'];
  sessions: UserSession[];
}

export async function readSecurity(api: Api): Promise<Security> {
  const [me, settings, factors, passkeys, identities, { providers }, sessions] = await Promise.all([
    whoAmI(api),
    readPublicSettings(api),
    readSecondFactors(api),
    listPasskeys(api),
    listIdentities(api),
    listProviders(api),
    listSessions(api),
  ]);
  return { me, settings, factors, passkeys, identities, providers, sessions };
}
