/** What crosses the wire on the security page, as the contract names it. */

export interface SecondFactors {
  mfa_enabled: boolean;
  methods: string[];
  recovery_codes_left: number;
}

/** Shown this once. */
export interface NewTotp {
  /** In base32, to be typed in. */
  secret: string;
  otpauth_uri: string;
  /** The URI as a QR code: an SVG element. */
  qr_svg: string;
}

export interface RecoveryCodes {
  recovery_codes: string[];
}

export interface Passkey {
  id: string;
  name: string;
  is_backed_up: boolean;
  created_at: string;
  last_used_at: string | null;
}

/** A sign-in at a provider that leads to this account. */
export interface Identity {
  id: string;
  provider: string;
  provider_name: string;
  subject: string;
  email: string | null;
  created_at: string;
  last_used_at: string | null;
}

/** Somewhere the person is signed in; device and browser are what the request said of itself, empty when nothing. */
export interface UserSession {
  id: string;
  kind: 'browser' | 'token';
  device: string;
  browser: string;
  ip: string | null;
  created_at: string;
  last_used_at: string;
  is_current: boolean;
}
