/** Half signed in: the second step is still to come. */
export interface HalfSignedIn {
  token: string;
  methods: readonly string[];
}

/** Ways to take the second step, the one to offer first in front. */
const FACTORS = ['totp', 'passkey', 'recovery_code'] as const;
export type Factor = (typeof FACTORS)[number];

/** What of the account's methods this browser can offer; a code is always left, so that nobody stands before nothing. */
export function factorsOf(methods: readonly string[], hasPasskeys: boolean): Factor[] {
  const found = FACTORS.filter((factor) => methods.includes(factor) && (factor !== 'passkey' || hasPasskeys));
  return found.length ? found : ['totp'];
}

/** Where a provider vouched for somebody who has a second step: what the server put behind the `#`. */
export function halfFrom(hash: string): HalfSignedIn | null {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const token = values.get('mfa_token');
  return token ? { token, methods: (values.get('methods') ?? '').split(',') } : null;
}
